import { FrequencySketch } from './frequency-sketch.ts';
import { HillClimber } from './hill-climber.ts';
import { type Bounds, type Policy, shareOf } from './policy.ts';
import { Entry, Queue } from './queue.ts';

const WINDOW = 0.01;
const MOST_WINDOW = 0.8;
const PROTECTED = 0.8;
/** Accesses that the sketch counts before it halves, and that the climber looks at, for each entry. */
const SAMPLE = 10;

interface WTinyLfuOptions {
  /** Share of the cache that the window has, in the beginning if it is adaptive. */
  readonly window?: number;
  /** Whether the window grows and shrinks by what it brings. */
  readonly adaptive?: boolean;
}

/**
 * Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", TOS 2017. What is new stands in a small LRU, the
 * window; what leaves it gets into the main one, a segmented LRU, only if it was asked for more often than what would have to go.
 */
export class WTinyLfu implements Policy {
  readonly #bounds: Bounds;
  readonly #entries = new Map<string, Entry>();
  readonly #window = new Queue();
  readonly #probation = new Queue();
  readonly #protected = new Queue();
  readonly #sketch: FrequencySketch;
  readonly #climber: HillClimber | undefined;
  #share: number;
  #windowBounds: Bounds;
  #protectedBounds: Bounds;

  constructor(bounds: Bounds, { window = WINDOW, adaptive = false }: WTinyLfuOptions = {}) {
    const sample = SAMPLE * bounds.entries;
    this.#bounds = bounds;
    this.#share = window;
    this.#sketch = new FrequencySketch(bounds.entries, sample);
    this.#climber = adaptive ? new HillClimber(sample) : undefined;
    this.#windowBounds = this.#boundsOfWindow();
    this.#protectedBounds = this.#boundsOfProtected();
  }

  access(key: string, bytes: number): boolean {
    this.#sketch.count(key);
    const held = this.#entries.get(key);
    if (held !== undefined) this.#touch(held);
    else if (bytes <= this.#bounds.bytes) this.#enter(new Entry(key, bytes));
    if (this.#climber !== undefined) this.#adapt(this.#climber.record(held !== undefined));
    return held !== undefined;
  }

  #touch(entry: Entry): void {
    const from = entry.queue;
    from?.remove(entry);
    if (from === this.#window) this.#window.push(entry);
    else this.#protected.push(entry);
    this.#demote();
  }

  #enter(entry: Entry): void {
    this.#entries.set(entry.key, entry);
    this.#window.push(entry);
    while (this.#window.exceeds(this.#windowBounds)) {
      const candidate = this.#window.shift();
      if (candidate !== undefined) this.#admit(candidate);
    }
    // Where the window grew, main gives way without a contest.
    while (this.#isOver()) this.#evict(this.#victim() ?? entry);
  }

  #admit(candidate: Entry): void {
    const frequency = this.#sketch.frequency(candidate.key);
    // The window let go of it, so main has to make room for it.
    while (this.#isOver(candidate)) {
      const victim = this.#victim();
      if (victim === undefined || this.#sketch.frequency(victim.key) >= frequency) {
        this.#entries.delete(candidate.key);
        return;
      }
      this.#evict(victim);
    }
    this.#probation.push(candidate);
  }

  #victim(): Entry | undefined {
    return this.#probation.oldest ?? this.#protected.oldest;
  }

  #evict(entry: Entry): void {
    entry.queue?.remove(entry);
    this.#entries.delete(entry.key);
  }

  #demote(): void {
    while (this.#protected.exceeds(this.#protectedBounds)) {
      const demoted = this.#protected.shift();
      if (demoted !== undefined) this.#probation.push(demoted);
    }
  }

  #adapt(change: number): void {
    if (change === 0) return;
    this.#share = Math.min(MOST_WINDOW, Math.max(WINDOW, this.#share + change));
    this.#windowBounds = this.#boundsOfWindow();
    this.#protectedBounds = this.#boundsOfProtected();
    this.#demote();
  }

  #boundsOfWindow(): Bounds {
    return shareOf(this.#bounds, this.#share);
  }

  /** None, where the window takes all. */
  #boundsOfProtected(): Bounds {
    const entries = Math.floor(PROTECTED * (this.#bounds.entries - this.#windowBounds.entries));
    return { entries, bytes: PROTECTED * (1 - this.#share) * this.#bounds.bytes };
  }

  /** Whether there is more than may be, with one more where it is given. */
  #isOver(more?: Entry): boolean {
    const size = this.size + (more === undefined ? 0 : 1);
    return size > this.#bounds.entries || this.bytes + (more?.bytes ?? 0) > this.#bounds.bytes;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get size(): number {
    return this.#window.length + this.#probation.length + this.#protected.length;
  }

  get bytes(): number {
    return this.#window.bytes + this.#probation.bytes + this.#protected.bytes;
  }
}
