import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { Behaviour } from '../../src/runtime/behaviour.ts';
import type { ActorContext, ChildSpec } from '../../src/runtime/child-spec.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { isUnderstudyError, UnderstudyError } from '../../src/runtime/errors.ts';
import type { EventBus } from '../../src/runtime/events.ts';
import type { Instruments } from '../../src/telemetry/instruments.ts';
import type { Tracing } from '../../src/telemetry/port.ts';
import { ArchivePruner } from './archive-pruner.ts';
import { ArchiveReads } from './archive-reads.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { BesideArchive } from './beside-archive.ts';
import { BulkLoads } from './bulk-loads.ts';
import { Door, type DoorOptions } from './door.ts';
import { Fulfilments } from './fulfilments.ts';
import { KeyLine } from './key-line.ts';
import type { KeyWatch } from './key-watch.ts';
import type { LoadLimits } from './load-slots.ts';
import { Loads } from './loads.ts';
import { Mailbox, type MailboxOptions, type MailboxOwner } from './mailbox.ts';
import { type MarkerEvents, MarkerReads } from './marker-reads.ts';
import { Marks } from './marks.ts';
import type { CacheMessage, CacheProtocol, WarmingMessage } from './messages.ts';
import { Openings } from './openings.ts';
import { Reads } from './reads.ts';
import { RemoteLeases } from './remote-leases.ts';
import { Replayer } from './replayer.ts';
import type { CacheState } from './state.ts';
import { statistics } from './statistics.ts';
import { Sweeps } from './sweeps.ts';
import { Tally } from './tally.ts';
import { Warming } from './warming.ts';
import { WriteRequests } from './write-requests.ts';
import { type ChangeListener, Writes } from './writes.ts';

export interface CacheActorOptions {
  readonly state: CacheState;
  /** The way to Redis; without one, memory is all there is. */
  readonly breaker: ActorRef | undefined;
  /** The way to the durable tier, where that keeps values. */
  readonly archive?: ActorRef | undefined;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly instruments: Instruments;
  readonly tracing: Tracing;
  readonly door: DoorOptions;
  readonly batch: MailboxOptions;
  /** Default: no limits. */
  readonly load?: LoadLimits;
  /** Milliseconds; see MemoryTierOptions. */
  readonly foreignTtl: number;
  /** Milliseconds to bring what waits to Redis before the actor is stopped. */
  readonly shutdown: number;
}

/** The cache actor: the mailbox that batches, and the only writer of the memory tier. */
export function cacheActor(options: CacheActorOptions): ChildSpec {
  return {
    id: 'cache',
    start: (context) => new CacheBehaviour(options, context),
    shutdown: options.shutdown,
    settles: true,
    urgent: ['cache.fulfil', 'cache.abandon'],
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
  'cache.invalidateTags',
  'cache.expireTags',
  'cache.keys',
  'cache.acquire',
  'cache.acquireMany',
  'cache.stats',
];

const BRINGING: readonly string[] = ['cache.set', 'cache.setMany', 'cache.fulfil'];
/** Concern whatever key there is. */
const SWEEPING: readonly string[] = ['cache.clear', 'cache.invalidateTags', 'cache.expireTags'];
const READING: readonly string[] = ['cache.get', 'cache.find', 'cache.has', 'cache.getMany'];

/** Keys at which a message has to wait for its turn; undefined for all of them. */
function keysOf(message: CacheMessage | WarmingMessage): readonly string[] | undefined {
  if (SWEEPING.includes(message.type)) return undefined;
  if ('key' in message) return [message.key];
  return 'keys' in message && Array.isArray(message.keys) ? message.keys : [];
}

const UNLIMITED: LoadLimits = { concurrency: Infinity, queue: Infinity };

class CacheBehaviour implements Behaviour {
  readonly #state: CacheState;
  readonly #door: Door;
  readonly #tally: Tally;
  readonly #reads: Reads;
  readonly #writes: WriteRequests;
  readonly #marks: Marks;
  readonly #loads: Loads;
  readonly #bulkLoads: BulkLoads;
  readonly #sweeps: Sweeps;
  readonly #line: KeyLine;
  readonly #openings: Openings;
  readonly #warming: Warming;
  readonly #mailbox: Mailbox | undefined;
  readonly #replayer: Replayer | undefined;
  #archiveReads: ArchiveReads | undefined;
  #archiveWriter: ArchiveWriter | undefined;
  readonly #endings: (() => void)[] = [];

  constructor(options: CacheActorOptions, { self, crash }: Pick<ActorContext, 'self' | 'crash'>) {
    const { state, clock, breaker, events, tracing } = options;
    this.#state = state;
    this.#door = new Door(options.door, state.values);
    this.#line = new KeyLine(crash);
    this.#openings = new Openings(crash);
    this.#endings.push(
      () => this.#line.stop(),
      () => this.#openings.stop(),
    );
    this.#tally = new Tally(options.instruments, clock, {
      archived: state.archive !== undefined,
      namespaces: state.values.namespaces,
    });
    this.#reads = new Reads(state, this.#tally, this.#openings);
    this.#loads = new Loads(state, this.#reads, clock, options.load ?? UNLIMITED);
    this.#bulkLoads = new BulkLoads(state, this.#reads, this.#loads.pursuits, clock);
    const writes = new Writes(state, this.#tally, options.foreignTtl, watched(this.#loads, state.keyWatch));
    this.#marks = new Marks(state, this.#door, writes);
    const parties = { door: this.#door, writes, loads: this.#loads, marks: this.#marks, line: this.#line };
    this.#writes = new WriteRequests(state, parties);
    this.#sweeps = new Sweeps(state);
    this.#warming = new Warming(state, crash);
    this.#attachArchive(options, writes, self.capacity, crash);
    if (breaker === undefined) return;
    const { receipts } = state.journal;
    const parts = {
      ...options.batch,
      receipts,
      breaker,
      tracing,
      clock,
      tally: this.#tally,
      crash,
      turns: state.memory.markers,
    };
    const mailbox = new Mailbox(seen(this.#reads, state), { ...parts, capacity: self.capacity });
    const replayer = new Replayer({ state, breaker, mailbox, clock, events, crash });
    this.#mailbox = mailbox;
    this.#replayer = replayer;
    const archived = this.#archiveReads;
    const markers = new MarkerReads(
      state,
      mailbox,
      archived === undefined ? this.#marks : restoring(this.#marks, archived),
    );
    this.#marks.attach(markers);
    this.#reads.attach(mailbox, markers);
    writes.attach(mailbox, () => replayer.kick());
    const remote = new RemoteLeases(mailbox, state);
    this.#loads.attach(remote);
    this.#bulkLoads.attach(remote);
    this.#writes.attach(new Fulfilments({ state, tally: this.#tally, writes, mailbox, remote }), markers);
    this.#sweeps.attach(breaker, mailbox, replayer);
    this.#warming.attach(breaker, mailbox);
    const unsubscribe = events.subscribe((event) => {
      const lost = event.type === 'redis.failover' || event.type === 'redis.emptied';
      if (lost) {
        const until = event.type === 'redis.emptied' ? event.since : state.time.now();
        state.reassertion?.begin(state.journal, until, (key) => mailbox.recency.changed(key));
      }
      const closed = event.type === 'breaker.changed' && event.state === 'closed';
      const recovered = event.type === 'journal.store' && event.recovered > 0;
      if (closed || recovered || lost) replayer.kick();
    });
    this.#endings.push(unsubscribe);
    replayer.kick();
  }

  #attachArchive(
    options: CacheActorOptions,
    writes: Writes,
    capacity: number,
    crash: ActorContext['crash'],
  ): void {
    const { state, breaker, archive: ref, clock, tracing, events, batch } = options;
    const { archive } = state;
    if (archive === undefined || ref === undefined) return;
    const { maxKeys } = batch;
    const parts = { state, archive, ref, breaker };
    const reads = new ArchiveReads({ ...parts, tracing, owner: this.#reads, crash, maxKeys, capacity });
    this.#archiveReads = reads;
    this.#reads.attachArchive(reads);
    writes.attachArchive(new BesideArchive(state, archive, reads));
    const writer = new ArchiveWriter({ ...parts, clock });
    this.#archiveWriter = writer;
    const pruner = new ArchivePruner(archive, ref, clock);
    const unsubscribe = events.subscribe((event) => {
      if (event.type === 'archive.changed') writer.kick();
    });
    this.#endings.push(
      unsubscribe,
      () => reads.stop(),
      () => writer.stop(),
      () => pruner.stop(),
    );
    writer.kick();
  }

  receive(envelope: Envelope<CacheMessage | WarmingMessage>): void {
    if (!this.#line.busy || !this.#waits(envelope)) this.#take(envelope);
  }

  #take(envelope: Envelope<CacheMessage | WarmingMessage>): void {
    try {
      this.#handle(envelope);
      this.#state.keyWatch?.asked(envelope.message);
    } catch (error) {
      // Refused at the door; anything else is a crash.
      if (!isUnderstudyError(error)) throw error;
      envelope.fail(error);
    }
  }

  async drain(): Promise<void> {
    await this.#line.idle();
    this.#loads.drain();
    await this.#mailbox?.idle();
    await this.#openings.idle();
    await this.#replayer?.settled();
    await this.#archiveWriter?.settled();
  }

  stop(): void {
    for (const end of this.#endings) end();
    this.#replayer?.stop();
    this.#mailbox?.stop();
    this.#loads.stop();
    this.#bulkLoads.stop();
  }

  /** Whether something that is packed aside must be taken in before it. */
  #waits(envelope: Envelope<CacheMessage | WarmingMessage>): boolean {
    const { message } = envelope;
    // What brings values is packed first, and waits then.
    if (BRINGING.includes(message.type)) return false;
    if (!this.#line.holds(envelope, keysOf(message), () => this.#take(envelope))) return false;
    if (READING.includes(message.type)) envelope.lateness = { late: () => this.#late(envelope) };
    return true;
  }

  /** A read that has waited for too long is answered from what there is. */
  #late(envelope: Envelope<CacheMessage | WarmingMessage>): void {
    envelope.lateness = undefined;
    this.#take(envelope);
    if (envelope.open) envelope.expire();
  }

  #handle(envelope: Envelope<CacheMessage | WarmingMessage>): void {
    const message = envelope.message;
    switch (message.type) {
      case 'cache.get':
        this.#reads.one(envelope, message.key, 'value');
        break;
      case 'cache.find':
        this.#reads.one(envelope, message.key, 'whole');
        break;
      case 'cache.has':
        this.#reads.one(envelope, message.key, 'existence');
        break;
      case 'cache.getMany':
        this.#door.keys(message.keys);
        this.#reads.many(envelope, message.keys);
        break;
      case 'cache.set':
        this.#writes.set(envelope, message);
        break;
      case 'cache.setMany':
        this.#writes.setMany(envelope, message);
        break;
      case 'cache.delete':
        this.#writes.delete(envelope, message);
        break;
      case 'cache.deleteMany':
        this.#writes.deleteMany(envelope, message);
        break;
      case 'cache.touch':
        this.#writes.touch(envelope, message);
        break;
      case 'cache.increment':
        this.#writes.increment(envelope, message);
        break;
      case 'cache.clear': {
        const prefix = this.#door.prefix(message.prefix);
        this.#loads.cleared(prefix);
        const namespace = this.#state.values.namespaces.whole(prefix);
        if (namespace === undefined) this.#sweeps.clear(envelope, prefix);
        else this.#marks.clear(envelope, namespace);
        break;
      }
      case 'cache.invalidateTags':
        this.#marks.tags(envelope, message, 'invalidated');
        break;
      case 'cache.expireTags':
        this.#marks.tags(envelope, message, 'expired');
        break;
      case 'cache.keys':
        this.#sweeps.keys(envelope, this.#door.prefix(message.prefix), message.cursor, message.limit);
        break;
      case 'cache.acquire':
        this.#loads.acquire(envelope, message.key, message);
        break;
      case 'cache.acquireMany':
        this.#door.keys(message.keys);
        this.#bulkLoads.acquire(envelope, message);
        break;
      case 'cache.fulfil':
        this.#writes.fulfil(envelope, message);
        break;
      case 'cache.abandon':
        this.#loads.abandon(envelope, message);
        break;
      case 'cache.stats':
        envelope.reply(statistics(this.#state, this.#tally, this.#mailbox?.waiting ?? 0));
        break;
      case 'cache.prefetch':
        this.#warming.prefetch(envelope, message.keys);
        break;
      case 'cache.restore':
        this.#warming.restore(envelope, message.keys);
        break;
      case 'cache.hold':
        envelope.reply(this.#warming.hold(message.since, message.limit));
        break;
      case 'cache.release':
        this.#warming.release();
        envelope.reply(undefined);
        break;
      default:
        throw new UnderstudyError('UNKNOWN_MESSAGE', `The cache actor has no message ${envelope.type}`);
    }
  }
}

/** Told of changes: the loads, and who watches keys. */
function watched({ changed }: Loads, watch: KeyWatch | undefined): ChangeListener {
  if (watch === undefined) return changed;
  return (write) => {
    changed(write);
    watch.changed(write);
  };
}

/** What Redis has lost of markers may be in the durable tier. */
function restoring(marks: Marks, archive: ArchiveReads): MarkerEvents {
  return {
    missing: (marker, since, known) =>
      archive.restore(marker, () => marks.missing(marker, since, () => {}), known),
    behind: (write) => marks.behind(write),
  };
}

/** Told of answers: the reads, and who watches keys. */
function seen(reads: Reads, { keyWatch: watch, time }: CacheState): MailboxOwner {
  if (watch === undefined) return reads;
  return {
    readsAnswered: (readers, stored) => {
      watch.answered(readers, stored, time.now());
      reads.readsAnswered(readers, stored);
    },
  };
}
