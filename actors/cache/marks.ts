import type { Envelope } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { Marker } from '../../src/tiers/markers.ts';
import type { Mark, Write } from '../../src/tiers/tier.ts';
import { MARKER_TTL, NEVER, namespaceMarker, tagMarker } from '../../src/wire/marker.ts';
import type { Namespace } from '../../src/wire/namespaces.ts';
import { freshOf, restamped } from '../../src/wire/stored.ts';
import type { Door } from './door.ts';
import type { MarkerEvents, MarkerReads } from './marker-reads.ts';
import type { CacheMessage } from './messages.ts';
import type { CacheState } from './state.ts';
import { ManyWriters, SingleWriter, type Writer } from './writer.ts';
import type { Writes } from './writes.ts';

type Invalidation = Extract<CacheMessage, { type: 'cache.invalidateTags' | 'cache.expireTags' }>;

/** Milliseconds that the clocks of two instances are apart, at most. */
const APART = 2;

/** Changes markers: one change invalidates whatever bears a tag, or belongs to a namespace. */
export class Marks implements MarkerEvents {
  readonly #state: CacheState;
  readonly #door: Door;
  readonly #writes: Writes;
  #reads: MarkerReads | undefined;

  constructor(state: CacheState, door: Door, writes: Writes) {
    this.#state = state;
    this.#door = door;
    this.#writes = writes;
  }

  /** Without them, there is no Redis to have markers in. */
  attach(reads: MarkerReads): void {
    this.#reads = reads;
  }

  /** `cache.invalidateTags` and `cache.expireTags`. */
  tags(envelope: Envelope, { tags, wait }: Invalidation, what: 'invalidated' | 'expired'): void {
    const names = this.#door.tags(tags);
    const replicas = this.#door.wait(wait);
    if (names === undefined)
      throw new UnderstudyError('INVALID_OPTION', 'tags: expected at least one, got none');
    const version = this.#ahead();
    const keys = [...new Set(names)].map(tagMarker);
    const writer = new ManyWriters(keys.length, envelope, (accepted) => accepted);
    const changes = keys.map((key) => {
      const mark = { ...this.#mark(key, version), [what]: version };
      return this.#writes.submit(mark, writer, envelope.trace, replicas);
    });
    envelope.lateness = {
      late: () => {
        for (const change of changes) change?.late();
      },
    };
  }

  /** `cache.clear` of a whole namespace. What it held here goes at once; of the rest nobody knows how much there is. */
  clear(envelope: Envelope, { name, prefix }: Namespace): void {
    const { journal, memory } = this.#state;
    const version = this.#ahead();
    const cleared = memory.clear(prefix);
    journal.forget(prefix, version);
    const mark = { ...this.#mark(namespaceMarker(name), version), invalidated: version };
    const writer = new SingleWriter(envelope, (accepted) => ({ ...accepted, cleared }));
    envelope.lateness = this.#writes.submit(mark, writer, envelope.trace);
  }

  /** Before an entry is stored: without the markers that it depends on it would count as invalidated. */
  ensure(write: Write): void {
    if (write.op !== 'set' && write.op !== 'increment') return;
    const { markers } = this.#state.memory;
    const stored = write.op === 'set' ? write.stored : '';
    if (!markers.concern(stored)) return;
    const now = this.#state.time.now();
    for (const marker of markers.of(write.key, stored).markers) {
      const lasts = marker.until >= now + write.ttl && !marker.missing && !this.#isDoubtful(marker);
      if (!lasts && !marker.restoring) {
        const ttl = Math.max(MARKER_TTL, 2 * write.ttl);
        this.#make(marker, { ...this.#mark(marker.key, write.version), ttl });
      }
    }
  }

  /** While Redis is out another may make it anew: it is to be there since this was stored. */
  #isDoubtful({ key }: Marker): boolean {
    const { journal, redisUp } = this.#state;
    return this.#reads !== undefined && !redisUp && journal.get(key) === undefined;
  }

  /** The same, of what is later than all that its markers say now, by whatever clock they were stamped. */
  ensureLater(write: Extract<Write, { op: 'set' }>): void {
    this.ensure(write);
    const { memory, redisUp } = this.#state;
    if (!redisUp || this.#reads === undefined || !memory.markers.concern(write.stored)) return;
    for (const marker of memory.markers.see(write.key, write.stored).markers) this.#reads.ask(marker, write);
  }

  behind(write: Extract<Write, { op: 'set' }>): void {
    const { memory, time } = this.#state;
    if (memory.version(write.key) > write.version) return;
    const version = time.next();
    const stored = restamped(write.stored, version, freshOf(write.stored) ?? time.now());
    // By compare-and-set: others may have stored something since.
    this.#writes.keep({ ...write, version, stored }, UNHEARD);
  }

  /** What it said is lost, and whatever is older than now, or than what is being stored, counts as invalidated. */
  missing(marker: Marker, since: string | undefined, known: () => void): void {
    this.#make(marker, this.#mark(marker.key, since ?? this.#state.time.next()));
    known();
  }

  #make(marker: Marker, mark: Mark): void {
    marker.until = this.#state.time.now() + mark.ttl;
    if (marker.missing) marker.begin(mark.since);
    this.#writes.submit(mark, unheard(marker), undefined);
  }

  /** What was stored before, by whatever clock, is below it; what is stored later learns of it, and is above. */
  #ahead(): string {
    const { time } = this.#state;
    return time.next(time.now() + APART);
  }

  #mark(key: string, version: string): Mark {
    return { op: 'mark', key, version, ttl: MARKER_TTL, since: version, invalidated: NEVER, expired: NEVER };
  }
}

const UNHEARD: Writer = { accepted: () => {}, refused: () => {} };

/** Nobody waits for it. Should it be refused, the next entry makes it. */
function unheard(marker: Marker): Writer {
  return {
    accepted: () => {},
    refused: () => {
      marker.until = 0;
    },
  };
}
