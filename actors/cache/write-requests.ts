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
import { type Lease, tell } from './lease-table.ts';
import type { Loads } from './loads.ts';
import type { MarkerReads } from './marker-reads.ts';
import type { Marks } from './marks.ts';
import type { CacheMessage, Tags } from './messages.ts';
import { SharedVersion, Stamper } from './stamper.ts';
import type { CacheState } from './state.ts';
import { type ManyShape, ManyWriters, type Shape, SingleWriter } from './writer.ts';
import type { Writes } from './writes.ts';

type Loaded = Extract<Write, { op: 'set' }>;
type Of<T extends CacheMessage['type']> = Extract<CacheMessage, { type: T }>;

/** Of one entry of many. */
interface EntryTerms {
  readonly lifetime: number;
  readonly extras: Extras | undefined;
}

/** Who has a part in a change. */
interface WriteParties {
  readonly door: Door;
  readonly writes: Writes;
  readonly loads: Loads;
  readonly marks: Marks;
  readonly line: KeyLine;
}

/** Takes the messages that change something: checks all they bring, then makes the changes. */
export class WriteRequests {
  readonly #state: CacheState;
  readonly #door: Door;
  readonly #writes: Writes;
  readonly #loads: Loads;
  readonly #marks: Marks;
  readonly #stamp: Stamper;
  readonly #line: KeyLine;
  /** Whether any key may belong to a namespace, and so depend on its marker. */
  readonly #spaced: boolean;
  #fulfilments: Fulfilments | undefined;
  #markers: MarkerReads | undefined;

  constructor(state: CacheState, { door, writes, loads, marks, line }: WriteParties) {
    this.#state = state;
    this.#door = door;
    this.#writes = writes;
    this.#loads = loads;
    this.#marks = marks;
    this.#line = line;
    this.#spaced = state.values.namespaces.size > 0;
    this.#stamp = new Stamper(state.time);
  }

  /** Without these, there is no Redis to share leases, and markers, by. */
  attach(fulfilments: Fulfilments, markers: MarkerReads): void {
    this.#fulfilments = fulfilments;
    this.#markers = markers;
  }

  set(envelope: Envelope, { key, value, ttl, grace, tags, wait }: Of<'cache.set'>): void {
    checkKey(key);
    const extras = this.#extras(key, grace, tags);
    const packed = this.#door.pack(key, value, extras);
    const replicas = this.#door.wait(wait);
    const lifetime = this.#door.ttl(ttl, key);
    this.#line.pass(envelope, key, packed, (ready) => {
      const write = this.#stamp.set(key, ready, lifetime, undefined, extras?.grace);
      // Not by a look at the text, which is still in pieces.
      if (extras?.tags !== undefined || this.#spaced) this.#marks.ensureLater(write);
      this.#submit(envelope, write, justAccepted, replicas);
    });
  }

  setMany(envelope: Envelope, { entries, ttl, grace, tags, wait }: Of<'cache.setMany'>): void {
    if (!Array.isArray(entries)) throw new UnderstudyError('INVALID_MESSAGE', 'entries: expected an array');
    const replicas = this.#door.wait(wait);
    // All are checked before the first is taken in: a bad one changes nothing.
    const keys: string[] = [];
    const packed: (Packed | Promise<Packed>)[] = [];
    const terms: EntryTerms[] = [];
    for (const entry of entries) {
      const { key, value } = entry;
      checkKey(key);
      const extras = this.#extras(key, entry.grace === undefined ? grace : entry.grace, entry.tags, tags);
      const lifetime = this.#door.ttl(entry.ttl === undefined ? ttl : entry.ttl, key);
      keys.push(key);
      packed.push(this.#door.pack(key, value, extras));
      terms.push({ lifetime, extras });
    }
    this.#line.passAll(envelope, keys, packed, (ready) => {
      const versions = new SharedVersion(this.#state.time);
      const writes: Loaded[] = [];
      for (let at = 0; at < ready.length; at++) {
        const { lifetime, extras } = terms[at] as EntryTerms;
        const key = keys[at] as string;
        const write = this.#stamp.set(key, ready[at] as Packed, lifetime, versions.of(key), extras?.grace);
        if (this.#spaced || extras?.tags !== undefined) this.#marks.ensureLater(write);
        writes.push(write);
      }
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
    const write = this.#guarded(this.#stamp.touch(key, this.#door.ttl(ttl, key)));
    this.#submit(envelope, write, withExisted, replicas);
  }

  increment(envelope: Envelope, { key, by, ttl, wait }: Of<'cache.increment'>): void {
    checkKey(key);
    this.#door.countable(key);
    const replicas = this.#door.wait(wait);
    const write = this.#guarded(this.#stamp.increment(key, this.#door.step(by), this.#door.ttl(ttl, key)));
    if (write.guard !== undefined) this.#marks.ensure(write);
    this.#submit(envelope, write, withValue, replicas);
  }

  fulfil(envelope: Envelope, message: Of<'cache.fulfil'>): void {
    const { key, value, ttl, absent } = message;
    // Checked before the lease ends: a value that cannot be stored leaves the holder its lease, to abandon.
    const extras = this.#door.extras(message);
    const lifetime = this.#door.ttl(ttl, key);
    const packed = value !== undefined || absent ? this.#door.pack(key, value, extras) : undefined;
    this.#line.pass(envelope, key, packed, (ready) => {
      const lease = this.#loads.end(key, message.lease);
      const granted = switchedOff.leaseVoiding ? undefined : lease?.version || undefined;
      const write =
        ready === undefined ? undefined : this.#stamp.set(key, ready, lifetime, granted, extras?.grace);
      this.#ended(envelope, lease, write);
    });
  }

  #ended(envelope: Envelope, lease: Lease | undefined, write: Loaded | undefined): void {
    const { markers } = this.#state.memory;
    const depends = write !== undefined && lease?.shared && markers.concern(write.stored);
    if (!depends || this.#markers === undefined) {
      this.#fulfil(envelope, lease, write);
      return;
    }
    // What was invalidated elsewhere while it was loaded must not be handed to those who have asked since.
    this.#marks.ensure(write);
    let waits = true;
    const goOn = (late: boolean): void => {
      if (waits) this.#fulfil(envelope, lease, write, late);
      waits = false;
    };
    envelope.lateness = { late: () => goOn(true) };
    this.#markers.whenKnown(markers.of(write.key, write.stored), () => goOn(false));
  }

  /** `late`: the holder can wait no longer, so that it is kept for later, when anything newer will stay. */
  #fulfil(envelope: Envelope, lease: Lease | undefined, write: Loaded | undefined, late = false): void {
    const { memory } = this.#state;
    const invalidated =
      write !== undefined && memory.markers.verdict(write.key, write.stored) === 'invalidated';
    if (write !== undefined && lease !== undefined && !lease.voided && !invalidated && !late) {
      if (!switchedOff.leaseVoiding && this.#fulfilments?.take(lease, write, envelope)) return;
    }
    // Something newer has been read since: in Redis, too, nothing would be stored.
    const overtaken = invalidated || (write !== undefined && memory.version(write.key) > write.version);
    if (write !== undefined && lease !== undefined && !lease.voided && !overtaken) {
      tell(lease, (waiter) => waiter.loaded(write.stored));
      if (late) this.#writes.keep(write, new SingleWriter(envelope, withStored))?.late();
      else {
        this.#marks.ensure(write);
        this.#submit(envelope, write, withStored);
      }
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

  /** What else is said of a value, with the tags of its own and those of all; undefined for nothing, which is most. */
  #extras(key: string, given: Ttl | undefined, own?: Tags, common?: Tags): Extras | undefined {
    const grace = given === undefined && !this.#spaced ? undefined : this.#door.grace(given, key);
    const tags = own === undefined && common === undefined ? undefined : this.#door.tags(own, common);
    if (grace === undefined && tags === undefined) return undefined;
    return { ...(grace === undefined ? {} : { grace }), ...(tags === undefined ? {} : { tags }) };
  }

  /** In a namespace it builds on nothing that was there before the last clear. */
  #guarded<W extends Extract<Write, { op: 'touch' | 'increment' }>>(write: W): W {
    const marker = this.#state.memory.markers.ofNamespace(write.key);
    if (marker === undefined) return write;
    return { ...write, guard: marker.key, floor: marker.invalidated };
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
