import type { Envelope, Lateness } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import { switchedOff } from '../../src/runtime/fault-switch.ts';
import type { Write } from '../../src/tiers/tier.ts';
import { checkKey } from '../../src/wire/keys.ts';
import type { Extras, Packed } from '../../src/wire/stored.ts';
import type { Ttl } from '../../src/wire/ttl.ts';
import type { Door } from './door.ts';
import type { Fulfilments } from './fulfilments.ts';
import type { KeyLine } from './key-line.ts';
import { tell } from './lease-table.ts';
import type { Loads } from './loads.ts';
import type { CacheMessage } from './messages.ts';
import { SharedVersion, Stamper } from './stamper.ts';
import type { CacheState } from './state.ts';
import { type ManyShape, ManyWriters, type Shape, SingleWriter } from './writer.ts';
import type { Writes } from './writes.ts';

type Of<T extends CacheMessage['type']> = Extract<CacheMessage, { type: T }>;

/** Takes the messages that change something: checks all they bring, then makes the changes. */
export class WriteRequests {
  readonly #state: CacheState;
  readonly #door: Door;
  readonly #writes: Writes;
  readonly #loads: Loads;
  readonly #stamp: Stamper;
  readonly #line: KeyLine;
  #fulfilments: Fulfilments | undefined;

  constructor(state: CacheState, door: Door, writes: Writes, loads: Loads, line: KeyLine) {
    this.#state = state;
    this.#line = line;
    this.#door = door;
    this.#writes = writes;
    this.#loads = loads;
    this.#stamp = new Stamper(state.time);
  }

  /** Without them, there is no Redis to share leases by. */
  attach(fulfilments: Fulfilments): void {
    this.#fulfilments = fulfilments;
  }

  set(envelope: Envelope, { key, value, ttl, grace, wait }: Of<'cache.set'>): void {
    checkKey(key);
    const extras = this.#graceOf(key, grace);
    const packed = this.#door.pack(key, value, extras);
    const replicas = this.#door.wait(wait);
    const lifetime = this.#door.ttl(ttl, key);
    this.#line.pass(envelope, key, packed, (ready) => {
      const write = this.#stamp.set(key, ready, lifetime, undefined, extras?.grace);
      this.#submit(envelope, write, justAccepted, replicas);
    });
  }

  setMany(envelope: Envelope, { entries, ttl, wait }: Of<'cache.setMany'>): void {
    if (!Array.isArray(entries)) throw new UnderstudyError('INVALID_MESSAGE', 'entries: expected an array');
    const replicas = this.#door.wait(wait);
    // All are checked before the first is taken in: a bad one changes nothing.
    const checked = entries.map(({ key, value, ttl: own }) => {
      checkKey(key);
      const extras = this.#graceOf(key);
      const lifetime = this.#door.ttl(own === undefined ? ttl : own, key);
      return { key, lifetime, grace: extras?.grace, packed: this.#door.pack(key, value, extras) };
    });
    const keys = checked.map(({ key }) => key);
    const packed = checked.map((each) => each.packed);
    this.#line.passAll(envelope, keys, packed, (ready) => {
      const versions = new SharedVersion(this.#state.time);
      const writes = ready.map((each, at) => {
        const { key, lifetime, grace } = checked[at] as (typeof checked)[number];
        return this.#stamp.set(key, each, lifetime, versions.of(key), grace);
      });
      this.#submitMany(envelope, writes, (accepted) => accepted, replicas);
    });
  }

  delete(envelope: Envelope, { key, wait }: Of<'cache.delete'>): void {
    checkKey(key);
    const replicas = this.#door.wait(wait);
    this.#submit(envelope, this.#stamp.delete(key), withExisted, replicas);
  }

  deleteMany(envelope: Envelope, { keys, wait }: Of<'cache.deleteMany'>): void {
    this.#door.keys(keys);
    const replicas = this.#door.wait(wait);
    const versions = new SharedVersion(this.#state.time);
    const writes = keys.map((key) => this.#stamp.delete(key, versions.of(key)));
    this.#submitMany(envelope, writes, (accepted, deleted) => ({ ...accepted, deleted }), replicas);
  }

  touch(envelope: Envelope, { key, ttl, wait }: Of<'cache.touch'>): void {
    checkKey(key);
    const replicas = this.#door.wait(wait);
    this.#submit(envelope, this.#stamp.touch(key, this.#door.ttl(ttl, key)), withExisted, replicas);
  }

  increment(envelope: Envelope, { key, by, ttl, wait }: Of<'cache.increment'>): void {
    checkKey(key);
    this.#door.countable(key);
    const replicas = this.#door.wait(wait);
    const write = this.#stamp.increment(key, this.#door.step(by), this.#door.ttl(ttl, key));
    this.#submit(envelope, write, withValue, replicas);
  }

  fulfil(envelope: Envelope, message: Of<'cache.fulfil'>): void {
    const { key, value, ttl, absent } = message;
    // Checked before the lease ends: a value that cannot be stored leaves the holder its lease, to abandon.
    const extras = this.#door.extras(message);
    const lifetime = this.#door.ttl(ttl, key);
    const packed =
      value !== undefined || absent ? this.#door.pack(key, absent ? null : value, extras) : undefined;
    this.#line.pass(envelope, key, packed, (ready) =>
      this.#loaded(envelope, message, ready, lifetime, extras?.grace),
    );
  }

  /** The lease ends, with what was loaded or without anything. */
  #loaded(
    envelope: Envelope,
    { key, lease: token }: Of<'cache.fulfil'>,
    packed: Packed | undefined,
    lifetime: number,
    grace: number | undefined,
  ): void {
    const lease = this.#loads.end(key, token);
    const granted = switchedOff.leaseVoiding ? undefined : lease?.version || undefined;
    const write = packed === undefined ? undefined : this.#stamp.set(key, packed, lifetime, granted, grace);
    if (write !== undefined && lease !== undefined && !lease.voided) {
      if (!switchedOff.leaseVoiding && this.#fulfilments?.take(lease, write, envelope)) return;
    }
    // Something newer has been read since: in Redis, too, nothing would be stored.
    const overtaken = granted !== undefined && this.#state.memory.version(key) > granted;
    if (write !== undefined && lease !== undefined && !lease.voided && !overtaken) {
      tell(lease, (waiter) => waiter.loaded(write.stored));
      this.#submit(envelope, write, withStored);
      return;
    }
    if (lease !== undefined) {
      this.#loads.giveBack(lease, envelope.trace);
      // Who waits for what was overtaken may have asked after that.
      tell(lease, (waiter) => (overtaken && !lease.voided ? waiter.retry() : waiter.loaded(write?.stored)));
    }
    const version = write?.version ?? this.#state.time.next();
    envelope.reply({ stored: false, tier: 'memory', degraded: false, durable: false, version });
  }

  #graceOf(key: string, given?: Ttl): Extras | undefined {
    const grace = this.#door.grace(given, key);
    return grace === undefined ? undefined : { grace };
  }

  #submit(envelope: Envelope, write: Write, shape: Shape, wait = 0): void {
    envelope.lateness = this.#writes.submit(write, new SingleWriter(envelope, shape), envelope.trace, wait);
  }

  #submitMany(envelope: Envelope, writes: readonly Write[], shape: ManyShape, wait: number): void {
    if (writes.length === 0) {
      const version = this.#state.time.next();
      envelope.reply(shape({ tier: 'memory', degraded: false, durable: true, version }, 0));
      return;
    }
    const writer = new ManyWriters(writes.length, envelope, shape);
    const sent: Lateness[] = [];
    for (const write of writes) {
      const change = this.#writes.submit(write, writer, envelope.trace, wait);
      if (change !== undefined) sent.push(change);
    }
    envelope.lateness = {
      late: () => {
        for (const change of sent) change.late();
      },
    };
  }
}

const justAccepted: Shape = (accepted) => accepted;
const withExisted: Shape = (accepted, existed) => ({ ...accepted, existed });
const withValue: Shape = (accepted, _existed, value) => ({ ...accepted, value });
const withStored: Shape = (accepted) => ({ ...accepted, stored: true });
