import type { Cache } from '../../system/cache.ts';
import type { SampleValues } from './sample-values.ts';
import type { Tally } from './tally.ts';
import type { TraceLine } from './trace-line.ts';
import type { WriteLedger } from './write-ledger.ts';

export interface PlayerOptions {
  readonly cache: Cache;
  readonly values: SampleValues;
  readonly tally: Tally;
  /** Where it is noted what Redis did not have yet; none when there is no Redis. */
  readonly ledger: WriteLedger | undefined;
  /** Milliseconds. */
  readonly ttl: number;
}

/** Plays lines the way an application uses a cache: looks for what it needs, and stores what it had to make. */
export class Player {
  readonly #options: PlayerOptions;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** A line of Mooncake is one getMany and one setMany of what is missing; a line of one key, a get and a set. */
  async play(line: TraceLine, intended: number): Promise<void> {
    const { cache, tally } = this.#options;
    const { keys } = line;
    tally.lines++;
    tally.operations += keys.length;
    const [key] = keys;
    if (line.timestamp === undefined && key !== undefined) await this.#one(key, intended);
    else if (keys.length > 0) {
      const answer = await tally.timed(intended, cache.getMany(keys));
      if (answer !== undefined) await this.#store(keys, answer.reply);
    }
  }

  async #one(key: string, intended: number): Promise<void> {
    const { cache, tally, ttl } = this.#options;
    const answer = await tally.timed(intended, cache.get(key));
    if (answer === undefined) return;
    if (answer.reply !== undefined) {
      tally.hits++;
      return;
    }
    const value = this.#options.values.next();
    const stored = await tally.timed(performance.now(), cache.set(key, value, { ttl }));
    if (stored?.reply.durable === false) this.#note(key, value.write);
  }

  async #store(keys: readonly string[], found: ReadonlyMap<string, unknown>): Promise<void> {
    const { cache, tally, ttl, values } = this.#options;
    const missing = new Set<string>();
    for (const key of keys) {
      if (found.has(key)) tally.hits++;
      else missing.add(key);
    }
    if (missing.size === 0) return;
    const entries = Array.from(missing, (key) => [key, values.next()] as const);
    const stored = await tally.timed(performance.now(), cache.setMany(entries, { ttl }));
    if (stored?.reply.durable === false) for (const [key, { write }] of entries) this.#note(key, write);
  }

  #note(key: string, write: number): void {
    const { ledger, tally, ttl } = this.#options;
    if (ledger === undefined) return;
    tally.journaled++;
    ledger.promised(key, write, ttl);
  }
}
