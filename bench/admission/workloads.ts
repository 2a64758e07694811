import { Popularity } from '../../src/cli/demo/popularity.ts';
import { TraceReader } from '../../src/cli/replay/trace-reader.ts';
import { seededRandom } from '../../test/servers/seeded-random.ts';
import type { Bounds } from './policies/policy.ts';

export interface Workload {
  readonly name: string;
  readonly keys: readonly string[];
  /** Weight of the value of each of them; undefined where all weigh the same. */
  readonly bytes?: readonly number[];
  boundsFor(capacity: number): Bounds;
}

const KEYS = 100_000;
const ACCESSES = 500_000;
/** A scan of so many keys that nobody else asks for, after so many accesses. */
const SCAN = { keys: 10_000, every: 20_000 };
/** The keys, of which the most popular ones become the least popular so many at a time, after so many accesses. */
const SHIFT = { keys: 10_000, by: 2_500, every: 25_000 };
/** Bytes of values, distributed evenly by their logarithm. */
const LIGHTEST = 100;
const HEAVIEST = 100_000;

/** @throws TraceError where there is no such file, or at the first line of it that cannot be read */
export async function traceWorkload(name: string, file: string): Promise<Workload> {
  const keys: string[] = [];
  // The same text for the same key, as in a cache that holds it once.
  const known = new Map<string, string>();
  for await (const line of (await TraceReader.open(file)).lines()) {
    for (const key of line.keys) {
      const text = known.get(key) ?? key;
      known.set(text, text);
      keys.push(text);
    }
  }
  return { name, keys, boundsFor: byEntries };
}

/** Made up, and the same each time. */
export function syntheticWorkloads(): Workload[] {
  return [0.7, 0.99, 1.2]
    .map((skew): Workload => ({ name: `Zipf ${skew}`, keys: zipf(skew), boundsFor: byEntries }))
    .concat(scanned(), shifting(), weighted());
}

function byEntries(entries: number): Bounds {
  return { entries, bytes: Infinity };
}

function zipf(skew: number): string[] {
  const random = seededRandom(1);
  const popularity = new Popularity(KEYS, skew);
  const names = Array.from({ length: KEYS }, (_, rank) => `key:${rank}`);
  return Array.from({ length: ACCESSES }, () => names[popularity.pick(random())] ?? '');
}

function scanned(): Workload {
  const keys = zipf(0.99).flatMap((key, at) => {
    if ((at + 1) % SCAN.every !== 0) return [key];
    return [key, ...Array.from({ length: SCAN.keys }, (_, step) => `scanned:${at}:${step}`)];
  });
  return { name: 'Zipf 0.99, scans', keys, boundsFor: byEntries };
}

function shifting(): Workload {
  const random = seededRandom(1);
  const popularity = new Popularity(SHIFT.keys, 0.99);
  const keys = Array.from({ length: ACCESSES }, (_, at) => {
    const first = SHIFT.by * Math.floor(at / SHIFT.every);
    return `key:${first + popularity.pick(random())}`;
  });
  return { name: 'Zipf 0.99, shifting', keys, boundsFor: byEntries };
}

/** Bounded by the bytes that as many values of the mean weight have, and by twice as many entries. */
function weighted(): Workload {
  const random = seededRandom(2);
  const weights = new Map<string, number>();
  const keys = zipf(0.99);
  const bytes = keys.map((key) => {
    const weight = weights.get(key) ?? Math.round(LIGHTEST * (HEAVIEST / LIGHTEST) ** random());
    weights.set(key, weight);
    return weight;
  });
  const mean = (HEAVIEST - LIGHTEST) / Math.log(HEAVIEST / LIGHTEST);
  const boundsFor = (capacity: number) => ({ entries: 2 * capacity, bytes: Math.round(capacity * mean) });
  return { name: 'Zipf 0.99, by bytes', keys, bytes, boundsFor };
}
