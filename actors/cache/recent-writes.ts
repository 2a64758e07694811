import type { Write } from '../../src/tiers/tier.ts';
import type { Clearing } from './journal.ts';

export interface RecentWritesOptions {
  /** Milliseconds a change is remembered. */
  readonly window: number;
  readonly maxEntries: number;
  /** Estimated at two bytes a character plus {@link OVERHEAD}. */
  readonly maxBytes: number;
}

/** Rough bytes of a change beside its texts. */
const OVERHEAD = 200;

/** Clearings are few; of more, the newest are kept. */
const MOST_CLEARINGS = 64;

/** The last changes that Redis confirmed, oldest first: a ring, so that remembering one costs no more than its place. */
export class RecentWrites {
  readonly #options: RecentWritesOptions;
  readonly #ring: (Write | undefined)[];
  #clearings: Clearing[] = [];
  #oldest = 0;
  #count = 0;
  #bytes = 0;

  constructor(options: RecentWritesOptions) {
    this.#options = options;
    this.#ring = new Array<Write | undefined>(options.maxEntries).fill(undefined);
  }

  add(write: Write): void {
    const { maxEntries, maxBytes } = this.#options;
    const size = sizeOf(write);
    if (this.#count === maxEntries) this.#drop();
    this.#ring[(this.#oldest + this.#count++) % maxEntries] = write;
    this.#bytes += size;
    while (this.#bytes > maxBytes && this.#count > 0) this.#drop();
  }

  addClearing({ prefix, version, collapsed }: Clearing): void {
    this.#clearings.push(collapsed ? { prefix, version, collapsed } : { prefix, version });
    if (this.#clearings.length > MOST_CLEARINGS) this.#clearings.shift();
  }

  /** Changes of the window that ends at `now`, oldest first. */
  *changes(now: number): Generator<Write> {
    const earliest = this.#earliest(now);
    for (let at = 0; at < this.#count; at++) {
      const write = this.#ring[(this.#oldest + at) % this.#options.maxEntries];
      if (write !== undefined && write.version >= earliest) yield write;
    }
  }

  /** Clearings of the window that ends at `now`, oldest first. */
  clearings(now: number): Clearing[] {
    const earliest = this.#earliest(now);
    return this.#clearings.filter(({ version }) => version >= earliest);
  }

  #drop(): void {
    const write = this.#ring[this.#oldest];
    this.#ring[this.#oldest] = undefined;
    this.#oldest = (this.#oldest + 1) % this.#options.maxEntries;
    this.#count--;
    if (write !== undefined) this.#bytes -= sizeOf(write);
  }

  /** Versions begin with their time. */
  #earliest(now: number): string {
    return Math.max(0, now - this.#options.window)
      .toString(16)
      .padStart(12, '0');
  }
}

function sizeOf(write: Write): number {
  return OVERHEAD + 2 * (write.key.length + (write.op === 'set' ? write.stored.length : 0));
}
