import type { Envelope } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { Marker } from '../../src/tiers/markers.ts';
import type { Mark, Write } from '../../src/tiers/tier.ts';
import { NEVER, namespaceMarker, tagMarker } from '../../src/wire/marker.ts';
import type { Namespace } from '../../src/wire/namespaces.ts';
import type { Door } from './door.ts';
import type { CacheMessage } from './messages.ts';
import type { CacheState } from './state.ts';
import { ManyWriters, SingleWriter, type Writer } from './writer.ts';
import type { Writes } from './writes.ts';

type Invalidation = Extract<CacheMessage, { type: 'cache.invalidateTags' | 'cache.expireTags' }>;

/** Milliseconds that a marker is kept at least: 30 days. Entries that live longer lengthen it. */
const KEPT = 30 * 86_400_000;

/** Changes markers: one change invalidates whatever bears a tag, or belongs to a namespace. */
export class Marks {
  readonly #state: CacheState;
  readonly #door: Door;
  readonly #writes: Writes;

  constructor(state: CacheState, door: Door, writes: Writes) {
    this.#state = state;
    this.#door = door;
    this.#writes = writes;
  }

  /** `cache.invalidateTags` and `cache.expireTags`. */
  tags(envelope: Envelope, { tags, wait }: Invalidation, what: 'invalidated' | 'expired'): void {
    const names = this.#door.tags(tags);
    const replicas = this.#door.wait(wait);
    if (names === undefined)
      throw new UnderstudyError('INVALID_OPTION', 'tags: expected at least one, got none');
    const version = this.#state.time.next();
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
    const { journal, memory, time } = this.#state;
    const version = time.next();
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
    for (const marker of markers.of(write.key, stored)) {
      if (marker.until >= now + write.ttl && !marker.missing) continue;
      const ttl = Math.max(KEPT, 2 * write.ttl);
      this.#make(marker, { ...this.#mark(marker.key, write.version), ttl });
    }
  }

  /** There is none in Redis: what it said is lost, and whatever is older than now counts as invalidated. */
  repair(marker: Marker): void {
    this.#make(marker, this.#mark(marker.key, this.#state.time.next()));
  }

  #make(marker: Marker, mark: Mark): void {
    marker.until = this.#state.time.now() + mark.ttl;
    this.#writes.submit(mark, unheard(marker), undefined);
  }

  #mark(key: string, version: string): Mark {
    return { op: 'mark', key, version, ttl: KEPT, since: version, invalidated: NEVER, expired: NEVER };
  }
}

/** Nobody waits for it. Should it be refused, the next entry makes it. */
function unheard(marker: Marker): Writer {
  return {
    accepted: () => {},
    refused: () => {
      marker.until = 0;
    },
  };
}
