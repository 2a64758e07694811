import { readValue } from '../../wire/stored.ts';
import { writeOf } from './sample-values.ts';

/** Reads stored texts from Redis itself, in order; null where there is none, undefined where it could not be read. */
export type ReadRedis = (keys: readonly string[]) => Promise<readonly (string | null | undefined)[]>;

interface Promised {
  readonly write: number;
  readonly deleted: boolean;
  /** `performance.now()` at which it expires. */
  readonly until: number;
}

/** Keys in one read of an audit. */
const BATCH = 512;

/**
 * The changes that were accepted before Redis had them: what Understudy owes Redis. An audit reads them back from Redis
 * itself and counts those that are neither there nor replaced by something newer.
 */
export class WriteLedger {
  readonly #promised = new Map<string, Promised>();

  /** Keys that something is owed for. */
  get size(): number {
    return this.#promised.size;
  }

  /** @param ttl milliseconds after which it is no longer owed */
  promised(key: string, write: number, ttl = Infinity): void {
    this.#promise(key, { write, deleted: false, until: performance.now() + ttl });
  }

  /** A deletion is kept by any state of the key but an older value. */
  promisedDeletion(key: string, write: number): void {
    this.#promise(key, { write, deleted: true, until: Infinity });
  }

  /** A later change of the key that Redis confirmed at once: nothing is owed any more. */
  paid(key: string): void {
    this.#promised.delete(key);
  }

  /** How many of the keys are owed still, by what Redis itself holds. */
  async audit(read: ReadRedis): Promise<number> {
    const promised = [...this.#promised].filter(([, { until }]) => until > performance.now());
    let lost = 0;
    for (let from = 0; from < promised.length; from += BATCH) {
      const part = promised.slice(from, from + BATCH);
      const texts = await read(part.map(([key]) => key)).catch(() => []);
      for (const [at, [, owed]] of part.entries()) if (!isKept(owed, texts[at])) lost++;
    }
    return lost;
  }

  #promise(key: string, promised: Promised): void {
    const known = this.#promised.get(key);
    if (known === undefined || known.write < promised.write) this.#promised.set(key, promised);
  }
}

function isKept({ write, deleted }: Promised, text: string | null | undefined): boolean {
  if (text === undefined) return false;
  if (text === null) return deleted;
  return (writeOf(readValue(text)) ?? -1) >= write;
}
