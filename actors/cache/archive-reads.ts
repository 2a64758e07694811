import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { Crash } from '../../src/runtime/behaviour.ts';
import type { TraceContext } from '../../src/runtime/envelope.ts';
import type { Tracing } from '../../src/telemetry/port.ts';
import { applied } from '../../src/tiers/applied.ts';
import type { Marker } from '../../src/tiers/markers.ts';
import type { Mark, Outcome, TierName, Write } from '../../src/tiers/tier.ts';
import { MARKER_TTL, marksIn } from '../../src/wire/marker.ts';
import { expiryOf, versionOf } from '../../src/wire/stored.ts';
import type { ArchiveMessage } from '../archive/messages.ts';
import type { CircuitBreakerMessage } from '../circuit-breaker/messages.ts';
import { type Archive, type Ask, asks } from './archive.ts';
import type { StoredTexts } from './read-batch.ts';
import type { Reader } from './reader.ts';
import type { CacheState } from './state.ts';

/** Round trips under way at once; what comes meanwhile gathers. */
const MOST_IN_FLIGHT = 8;
/** Milliseconds: while a round trip takes longer, nobody else waits for one. */
const PATIENCE = 100;

/** What was found, and where. */
export interface Archived {
  readonly stored: string;
  readonly tier: TierName;
}

/** Whoever handles the answers. */
export interface ArchiveOwner {
  /** Undefined where there is nothing that may be answered. */
  archiveAnswered(first: Reader, found: Archived | undefined): void;
}

export interface ArchiveReadsParts {
  readonly state: CacheState;
  readonly archive: Archive;
  readonly ref: ActorRef;
  /** The way to Redis, where there is one. */
  readonly breaker: ActorRef | undefined;
  readonly tracing: Tracing;
  readonly owner: ArchiveOwner;
  readonly crash: Crash;
  /** Keys of one round trip, and keys that may wait for theirs. */
  readonly maxKeys: number;
  readonly capacity: number;
}

/** Everybody who waits for one key. */
interface Slot {
  readonly key: string;
  readonly readers: Reader[];
  /** Called when what was found is in memory. */
  readonly recalled: (() => void)[];
  /** Version of the last change that was known here when they asked. */
  readonly newest: string;
}

/**
 * Reads that neither memory nor Redis had anything for: gathered for the rest of the turn, then one statement for many keys.
 * What is found is promoted: into Redis where that has nothing newer, no deletion, and no clearing, and only then is it an
 * answer; and into memory. It stays what it was: its version, its times, its grace.
 */
export class ArchiveReads {
  readonly #parts: ArchiveReadsParts;
  readonly #askArchive: Ask<ArchiveMessage>;
  readonly #askRedis: Ask<CircuitBreakerMessage> | undefined;
  readonly #gathered = new Map<string, Slot>();
  readonly #began = new Set<number>();
  /** Who waits for markers that are being looked for. */
  readonly #restoring = new Map<string, (() => void)[]>();
  #scheduled = false;
  #failed = false;
  /** Batches that are being served. */
  #serving = 0;
  #waiting = 0;
  #stopped = false;

  constructor(parts: ArchiveReadsParts) {
    this.#parts = parts;
    this.#askArchive = asks(parts.ref);
    this.#askRedis = parts.breaker && asks(parts.breaker);
  }

  /** False when the durable tier is not to be asked: then there is nothing. */
  read(first: Reader): boolean {
    const slot = this.#slotOf(first.key);
    slot?.readers.push(first);
    return slot !== undefined;
  }

  /** Brings a key into memory, if it can be had, and calls back. False when the durable tier is not to be asked. */
  recall(key: string, recalled: () => void): boolean {
    const slot = this.#slotOf(key);
    slot?.recalled.push(recalled);
    return slot !== undefined;
  }

  #slotOf(key: string): Slot | undefined {
    const { archive, state, capacity } = this.#parts;
    const pending = archive.backlog.get(key);
    if (pending !== undefined && pending.op !== 'set') return undefined;
    if ((pending === undefined && !this.#usable) || this.#waiting >= capacity) return undefined;
    const present = this.#gathered.get(key);
    if (present !== undefined) return present;
    const slot: Slot = { key, readers: [], recalled: [], newest: state.memory.version(key) };
    this.#gathered.set(key, slot);
    this.#waiting++;
    if (!this.#scheduled) {
      this.#scheduled = true;
      process.nextTick(this.#flush);
    }
    return slot;
  }

  stop(): void {
    this.#stopped = true;
    this.#gathered.clear();
  }

  /** While it has failed, or takes too long, one read at a time finds out whether it is back. */
  get #usable(): boolean {
    if (!this.#parts.archive.up) return false;
    if (this.#began.size === 0) return true;
    const [oldest = 0] = this.#began;
    return !this.#failed && this.#parts.state.time.monotonic() - oldest < PATIENCE;
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    const { maxKeys, crash } = this.#parts;
    while (this.#gathered.size > 0 && this.#serving < MOST_IN_FLIGHT && !this.#stopped) {
      const slots: Slot[] = [];
      for (const [key, slot] of this.#gathered) {
        this.#gathered.delete(key);
        if (slots.push(slot) === maxKeys) break;
      }
      this.#serving++;
      this.#serve(slots).catch(crash);
    }
  };

  async #serve(all: readonly Slot[]): Promise<void> {
    const present = await this.#presentInRedis(all);
    const slots = present.size === 0 ? all : all.filter((slot) => !present.has(slot));
    const found = await this.#promoted(slots, await this.#find(slots));
    this.#serving--;
    if (this.#stopped) return;
    this.#waiting -= all.length;
    for (const { recalled } of present) for (const done of recalled) done();
    for (const [at, slot] of slots.entries()) this.#answer(slot, found[at]);
    this.#flush();
  }

  #answer({ key, readers, recalled }: Slot, found: Archived | undefined): void {
    const { archive, owner, state } = this.#parts;
    if (found === undefined) archive.misses++;
    else if (recalled.length > 0) state.memory.refresh(key, found.stored, state.time.now());
    for (const reader of readers) owner.archiveAnswered(reader, found);
    for (const done of recalled) done();
  }

  /** Of those that are to be changed: who reads has asked Redis before. */
  async #presentInRedis(slots: readonly Slot[]): Promise<ReadonlySet<Slot>> {
    const asked = slots.filter(({ readers }) => readers.length === 0);
    if (asked.length === 0 || this.#askRedis === undefined || !this.#parts.state.redisUp) return new Set();
    const keys = asked.map(({ key }) => key);
    const texts = await this.#askRedis<StoredTexts>({ type: 'circuit-breaker.read', keys }).catch(() => []);
    return new Set(asked.filter((_, at) => texts[at] !== null));
  }

  /** What is there that may be answered, as far as this process knows. */
  async #find(slots: readonly Slot[]): Promise<(Archived | undefined)[]> {
    const { archive, state, tracing } = this.#parts;
    const local = new Map<string, string>();
    for (const { key } of slots) {
      const pending = archive.backlog.get(key);
      if (pending?.op === 'set') local.set(key, pending.stored);
    }
    const keys = slots.map(({ key }) => key).filter((key) => !local.has(key));
    const trace = tracing.join(slots.flatMap(tracesOf));
    const texts = await this.#ask(keys, trace);
    const found = new Map([...local, ...keys.map((key, at) => [key, texts[at] ?? undefined] as const)]);
    await this.#learn(this.#markersOf(found), trace);
    const now = state.time.now();
    return slots.map((slot) => {
      const stored = found.get(slot.key);
      const own = local.has(slot.key);
      if (stored === undefined || (expiryOf(stored) ?? 0) <= now) return undefined;
      if (this.#isInvalidated(slot.key, stored)) return undefined;
      if (this.#isSuperseded(slot, versionOf(stored), own)) return undefined;
      return { stored, tier: own ? 'memory' : 'postgres' };
    });
  }

  /** What entries depend on, once each. */
  #markersOf(found: Iterable<readonly [key: string, stored: string | undefined]>): Marker[] {
    const { markers } = this.#parts.state.memory;
    const concerned = new Set<Marker>();
    for (const [key, stored] of found) {
      if (stored === undefined || !markers.concern(stored)) continue;
      for (const marker of markers.of(key, stored).markers) concerned.add(marker);
    }
    return [...concerned];
  }

  /** Markers are kept beside what depends on them. */
  async #learn(markers: readonly Marker[], trace?: TraceContext): Promise<void> {
    const texts = await this.#ask(markers.map(keyOf), trace);
    for (const [at, marker] of markers.entries()) {
      const marks = marksIn(texts[at] ?? this.#pendingMarks(marker) ?? '');
      if (marks === undefined) continue;
      marker.learn(marks);
      marker.missing = false;
    }
  }

  /** What a marker will say that is on its way there. */
  #pendingMarks({ key }: Marker): string | undefined {
    const { archive, state } = this.#parts;
    const pending = archive.backlog.get(key);
    return pending?.op === 'mark' ? applied(undefined, pending, state.time.now()).stored : undefined;
  }

  /** As far as is known here; of a marker of which nothing is known it cannot be told. */
  #isInvalidated(key: string, stored: string): boolean {
    const { markers } = this.#parts.state.memory;
    if (!markers.concern(stored)) return false;
    const known = markers.of(key, stored).markers.every((marker) => marker.known);
    return !known || markers.verdict(key, stored) === 'invalidated';
  }

  /**
   * Redis has lost a marker: it is told what the durable tier knows of it. Where that is nothing, it is `lost`. Calls back when
   * as much is `known` as can be.
   */
  restore(marker: Marker, lost: () => void, known: () => void): void {
    const waiting = this.#restoring.get(marker.key);
    if (waiting !== undefined) waiting.push(known);
    else if (this.#parts.archive.up) {
      // However slow it is: what is lost invalidates all that depends on it.
      this.#restoring.set(marker.key, [known]);
      marker.restoring = true;
      this.#restored(marker)
        .then((restored) => {
          marker.restoring = false;
          if (!restored && !this.#stopped) lost();
          const known = this.#restoring.get(marker.key) ?? [];
          this.#restoring.delete(marker.key);
          for (const tell of known) tell();
        })
        .catch(this.#parts.crash);
    } else {
      lost();
      known();
    }
  }

  async #restored(marker: Marker): Promise<boolean> {
    await this.#learn([marker]);
    if (marker.missing || this.#askRedis === undefined) return false;
    const writes = [this.#markOf(marker)];
    return this.#askRedis({ type: 'circuit-breaker.replay', writes }).then(
      () => true,
      () => false,
    );
  }

  /** What is known of a marker, for a Redis that may know less. */
  #markOf({ key, since, invalidated, expired }: Marker): Mark {
    const version = this.#parts.state.time.next();
    return { op: 'mark', key, version, ttl: MARKER_TTL, since, invalidated, expired };
  }

  async #ask(keys: readonly string[], trace: TraceContext | undefined): Promise<StoredTexts> {
    if (keys.length === 0) return [];
    // A place in time of its own for each, however quickly they follow each other.
    let began = this.#parts.state.time.monotonic();
    while (this.#began.has(began)) began += 1e-6;
    this.#began.add(began);
    try {
      const texts = await this.#askArchive<StoredTexts>({ type: 'archive.read', keys }, trace);
      this.#failed = false;
      return texts;
    } catch {
      this.#failed = true;
      return [];
    } finally {
      this.#began.delete(began);
    }
  }

  /** Whether something newer is known here: a deletion, a clearing, or a change that is on its way. */
  #isSuperseded({ key, newest }: Slot, version: string, own: boolean): boolean {
    const { archive, state } = this.#parts;
    const { memory, journal } = state;
    if (newest > version || memory.version(key) > version) return true;
    const journaled = journal.get(key);
    // A touch makes a value no newer.
    if (journaled !== undefined && journaled.op !== 'touch' && journaled.version > version) return true;
    if (journal.clears(key, version)) return true;
    // An answer of the durable tier is older than whatever waits for it.
    const pending = archive.backlog.get(key);
    return (!own && pending !== undefined) || archive.backlog.clears(key, version);
  }

  /** Only what Redis takes is an answer, while it is there: it may know of changes that have not come here yet. */
  async #promoted(
    slots: readonly Slot[],
    found: (Archived | undefined)[],
  ): Promise<(Archived | undefined)[]> {
    const { state } = this.#parts;
    if (this.#askRedis === undefined || !state.redisUp) return found;
    const now = state.time.now();
    const places = [...found.keys()].filter((at) => found[at] !== undefined);
    const promoted = places.map((at) => [(slots[at] as Slot).key, (found[at] as Archived).stored] as const);
    if (promoted.length === 0) return found;
    // The markers before what depends on them.
    const marks = this.#markersOf(promoted).map((marker) => this.#markOf(marker));
    const sets = promoted.map(([key, stored]): Write => {
      return { op: 'set', key, version: versionOf(stored), ttl: (expiryOf(stored) ?? now) - now, stored };
    });
    const outcomes = await this.#askRedis<readonly Outcome[]>({
      type: 'circuit-breaker.replay',
      writes: [...marks, ...sets],
    }).catch((): readonly Outcome[] => []);
    // It went out meanwhile: then what the durable tier has is the best there is.
    if (!state.redisUp) return found;
    for (const [place, at] of places.entries())
      if (outcomes[marks.length + place]?.status !== 'done') found[at] = undefined;
    return found;
  }
}

const keyOf = ({ key }: Marker): string => key;

function tracesOf({ readers }: Slot): TraceContext[] {
  return readers.map(({ trace }) => trace).filter((trace) => trace !== undefined);
}
