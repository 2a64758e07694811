import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { Behaviour, Crash } from '../../src/runtime/behaviour.ts';
import type { ChildSpec } from '../../src/runtime/child-spec.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Envelope, Lateness } from '../../src/runtime/envelope.ts';
import { isUnderstudyError, UnderstudyError } from '../../src/runtime/errors.ts';
import type { EventBus } from '../../src/runtime/events.ts';
import type { Instruments } from '../../src/telemetry/instruments.ts';
import type { Tracing } from '../../src/telemetry/port.ts';
import { checkKey } from '../../src/wire/keys.ts';
import { Door, type DoorOptions } from './door.ts';
import { Loads, tell } from './loads.ts';
import { Mailbox, type MailboxOptions } from './mailbox.ts';
import type { CacheMessage, CacheProtocol, CacheStats } from './messages.ts';
import { Reads } from './reads.ts';
import { Replayer } from './replayer.ts';
import type { CacheState } from './state.ts';
import { Sweeps } from './sweeps.ts';
import { Tally } from './tally.ts';
import { type ManyShape, ManyWriters, type Shape, SingleWriter, Writes } from './writes.ts';

export interface CacheActorOptions {
  readonly state: CacheState;
  /** The way to Redis; without one, memory is all there is. */
  readonly breaker: ActorRef | undefined;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly instruments: Instruments;
  readonly tracing: Tracing;
  readonly door: DoorOptions;
  readonly batch: MailboxOptions;
  /** Milliseconds; see MemoryTierOptions. */
  readonly foreignTtl: number;
  /** Milliseconds to bring what waits to Redis before the actor is stopped. */
  readonly shutdown: number;
}

/** The cache actor: the mailbox that batches, and the only writer of the memory tier. */
export function cacheActor(options: CacheActorOptions): ChildSpec {
  return {
    id: 'cache',
    start: ({ crash }) => new CacheBehaviour(options, crash),
    shutdown: options.shutdown,
    settles: true,
    idempotent: REPEATABLE,
  };
}

/** All but increments, which would add twice, and reports on leases, which end with the first. */
const REPEATABLE: readonly (keyof CacheProtocol)[] = [
  'cache.get',
  'cache.find',
  'cache.has',
  'cache.getMany',
  'cache.set',
  'cache.setMany',
  'cache.delete',
  'cache.deleteMany',
  'cache.touch',
  'cache.clear',
  'cache.keys',
  'cache.acquire',
  'cache.stats',
];

class CacheBehaviour implements Behaviour {
  readonly #state: CacheState;
  readonly #door: Door;
  readonly #tally: Tally;
  readonly #reads: Reads;
  readonly #writes: Writes;
  readonly #loads: Loads;
  readonly #sweeps: Sweeps;
  readonly #mailbox: Mailbox | undefined;
  readonly #replayer: Replayer | undefined;
  readonly #unsubscribe: () => void = () => {};

  constructor(options: CacheActorOptions, crash: Crash) {
    const { state, clock, breaker, events } = options;
    this.#state = state;
    this.#door = new Door(options.door);
    this.#tally = new Tally(options.instruments, clock);
    this.#reads = new Reads(state, this.#tally);
    this.#loads = new Loads(state.leases, this.#reads, clock);
    this.#writes = new Writes(state, this.#tally, options.foreignTtl, this.#loads.changed);
    this.#sweeps = new Sweeps(state);
    if (breaker === undefined) return;
    const mailbox = new Mailbox(this.#reads, {
      ...options.batch,
      breaker,
      tracing: options.tracing,
      clock,
      tally: this.#tally,
      crash,
    });
    const replayer = new Replayer(state, breaker, clock, events, crash);
    this.#mailbox = mailbox;
    this.#replayer = replayer;
    this.#reads.attach(mailbox);
    this.#writes.attach(mailbox, () => replayer.kick());
    this.#sweeps.attach(breaker, mailbox, replayer);
    this.#unsubscribe = events.subscribe((event) => {
      if (event.type === 'breaker.changed' && event.state === 'closed') replayer.kick();
    });
    replayer.kick();
  }

  receive(envelope: Envelope<CacheMessage>): void {
    try {
      this.#handle(envelope);
    } catch (error) {
      // Refused at the door; anything else is a crash.
      if (!isUnderstudyError(error)) throw error;
      envelope.fail(error);
    }
  }

  async drain(): Promise<void> {
    await this.#mailbox?.idle();
    await this.#replayer?.settled();
  }

  stop(): void {
    this.#unsubscribe();
    this.#replayer?.stop();
    this.#loads.stop();
  }

  #handle(envelope: Envelope<CacheMessage>): void {
    const message = envelope.message;
    switch (message.type) {
      case 'cache.get':
        return this.#reads.one(envelope, message.key, 'value');
      case 'cache.find':
        return this.#reads.one(envelope, message.key, 'whole');
      case 'cache.has':
        return this.#reads.one(envelope, message.key, 'existence');
      case 'cache.getMany':
        this.#door.keys(message.keys);
        return this.#reads.many(envelope, message.keys);
      case 'cache.set':
        return this.#set(envelope, message);
      case 'cache.setMany':
        return this.#setMany(envelope, message);
      case 'cache.delete':
        checkKey(message.key);
        return this.#submit(envelope, this.#writes.delete(message.key), withExisted);
      case 'cache.deleteMany':
        return this.#deleteMany(envelope, message.keys);
      case 'cache.touch':
        checkKey(message.key);
        return this.#submit(
          envelope,
          this.#writes.touch(message.key, this.#door.ttl(message.ttl)),
          withExisted,
        );
      case 'cache.increment':
        return this.#increment(envelope, message);
      case 'cache.clear': {
        const prefix = this.#door.prefix(message.prefix);
        this.#loads.cleared(prefix);
        return this.#sweeps.clear(envelope, prefix);
      }
      case 'cache.keys':
        return this.#sweeps.keys(envelope, this.#door.prefix(message.prefix), message.cursor, message.limit);
      case 'cache.acquire':
        return this.#loads.acquire(envelope, message.key);
      case 'cache.fulfil':
        return this.#fulfil(envelope, message);
      case 'cache.abandon':
        return this.#abandon(envelope, message);
      case 'cache.stats':
        return envelope.reply(this.#stats());
      default:
        throw new UnderstudyError('UNKNOWN_MESSAGE', `The cache actor has no message ${envelope.type}`);
    }
  }

  #submit(envelope: Envelope, write: Parameters<Writes['submit']>[0], shape: Shape): void {
    envelope.lateness = this.#writes.submit(write, new SingleWriter(envelope, shape), envelope.trace);
  }

  #set(envelope: Envelope, { key, value, ttl }: Of<'cache.set'>): void {
    checkKey(key);
    const json = this.#door.encode(value);
    this.#submit(envelope, this.#writes.set(key, json, this.#door.ttl(ttl)), justAccepted);
  }

  #setMany(envelope: Envelope, { entries, ttl }: Of<'cache.setMany'>): void {
    if (!Array.isArray(entries)) throw new UnderstudyError('INVALID_MESSAGE', 'entries: expected an array');
    const common = this.#door.ttl(ttl);
    // All are checked before the first is taken in: a bad one changes nothing.
    const writes = entries.map((entry) => {
      checkKey(entry.key);
      const json = this.#door.encode(entry.value);
      return this.#writes.set(entry.key, json, entry.ttl === undefined ? common : this.#door.ttl(entry.ttl));
    });
    this.#submitMany(envelope, writes, (accepted) => accepted);
  }

  #deleteMany(envelope: Envelope, keys: readonly string[]): void {
    this.#door.keys(keys);
    const writes = keys.map((key) => this.#writes.delete(key));
    this.#submitMany(envelope, writes, (accepted, deleted) => ({ ...accepted, deleted }));
  }

  #submitMany(envelope: Envelope, writes: Parameters<Writes['submit']>[0][], shape: ManyShape): void {
    if (writes.length === 0) {
      const { time, redisUp } = this.#state;
      const degraded = this.#mailbox !== undefined && !redisUp;
      envelope.reply(shape({ tier: 'memory', degraded, durable: !degraded, version: time.next() }, 0));
      return;
    }
    const writer = new ManyWriters(writes.length, envelope, shape);
    const sent: Lateness[] = [];
    for (const write of writes) {
      const late = this.#writes.submit(write, writer, envelope.trace);
      if (late !== undefined) sent.push(late);
    }
    envelope.lateness = { late: () => sent.forEach((one) => one.late()) };
  }

  #increment(envelope: Envelope, { key, by, ttl }: Of<'cache.increment'>): void {
    checkKey(key);
    const write = this.#writes.increment(key, this.#door.step(by), this.#door.ttl(ttl));
    this.#submit(envelope, write, withValue);
  }

  #fulfil(envelope: Envelope, message: Of<'cache.fulfil'>): void {
    const { key, value } = message;
    // Checked before the lease ends: a value that cannot be stored leaves the holder its lease, to abandon.
    const json = value === undefined ? undefined : this.#door.encode(value);
    const ttl = this.#door.ttl(message.ttl);
    const lease = this.#loads.end(key, message.lease);
    const write = json === undefined ? undefined : this.#writes.set(key, json, ttl);
    if (lease !== undefined)
      tell(lease, (waiter) => waiter.loaded(write?.op === 'set' ? write.stored : undefined));
    if (write === undefined || lease === undefined || lease.voided) {
      const version = write?.version ?? this.#state.time.next();
      envelope.reply({ stored: false, tier: 'memory', degraded: false, durable: false, version });
    } else this.#submit(envelope, write, withStored);
  }

  #abandon(envelope: Envelope, message: Of<'cache.abandon'>): void {
    const lease = this.#loads.end(message.key, message.lease);
    const { reason } = message;
    if (lease !== undefined)
      tell(lease, (waiter) => (reason === undefined ? waiter.retry() : waiter.failed(reason)));
    envelope.reply({ abandoned: lease !== undefined });
  }

  #stats(): CacheStats {
    const { memory, journal, leases } = this.#state;
    const tiers = this.#tally.reads();
    return {
      hits: tiers.memory.hits + tiers.redis.hits,
      misses: tiers.memory.misses + tiers.redis.misses,
      tiers,
      memory: { entries: memory.size, bytes: memory.bytes, evictions: memory.evictions },
      journal: {
        entries: journal.size,
        bytes: journal.bytes,
        replayed: journal.replayed,
        superseded: journal.superseded,
        refused: journal.refused,
      },
      leases: leases.size,
      waiting: this.#mailbox?.waiting ?? 0,
    };
  }
}

type Of<T extends CacheMessage['type']> = Extract<CacheMessage, { type: T }>;
const justAccepted: Shape = (accepted) => accepted;
const withExisted: Shape = (accepted, existed) => ({ ...accepted, existed });
const withValue: Shape = (accepted, _existed, value) => ({ ...accepted, value });
const withStored: Shape = (accepted) => ({ ...accepted, stored: true });
