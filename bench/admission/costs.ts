import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { seededRandom } from '../../test/servers/seeded-random.ts';
import { type Contestant, POLICIES } from './contestants.ts';
import type { Policy } from './policies/policy.ts';

export interface Cost {
  readonly policy: string;
  /** Nanoseconds of an access to a key that is held, median of the rounds. */
  readonly hit: number;
  /** Of an access to a new one, that of another going included. */
  readonly miss: number;
  /** Bytes of a full cache for each entry that it may hold, without the texts of keys and without values. */
  readonly memory: number;
}

const ENTRIES = 5_000;
/** Held for the measure of memory: as many that what does not grow with them counts for nothing. */
const MANY_ENTRIES = 50_000;
const ACCESSES = 200_000;
const ROUNDS = 9;
const WEIGHT = 1;

/** Nanoseconds an access, of each round. */
class Measured {
  readonly contestant: Contestant;
  readonly hit: number[] = [];
  readonly miss: number[] = [];

  constructor(contestant: Contestant) {
    this.contestant = contestant;
  }
}

/** Each round measures all policies by turns, so that what else the machine does strikes them alike. */
export function* measureCosts(): Generator<number, Cost[], undefined> {
  const held = namesOf('held', ENTRIES);
  const random = seededRandom(1);
  const hits = Array.from({ length: ACCESSES }, () => held[Math.floor(random() * ENTRIES)] ?? '');
  const misses = namesOf('missed', ACCESSES);
  const measured = POLICIES.map((contestant) => new Measured(contestant));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { contestant, hit, miss } of measured) {
      const policy = contestant.make({ entries: ENTRIES, bytes: Infinity }, []);
      nanoseconds(policy, held);
      hit.push(nanoseconds(policy, hits));
      miss.push(nanoseconds(policy, misses));
      yield round / ROUNDS;
    }
  }
  return measured.map(({ contestant, hit, miss }) => ({
    policy: contestant.name,
    hit: median(hit),
    miss: median(miss),
    memory: memoryOf(contestant),
  }));
}

function namesOf(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${kind}:${at}`);
}

function nanoseconds(policy: Policy, keys: readonly string[]): number {
  const began = process.hrtime.bigint();
  for (const key of keys) policy.access(key, WEIGHT);
  return Number(process.hrtime.bigint() - began) / keys.length;
}

function memoryOf({ make }: Contestant): number {
  // Twice as many keys as it holds: what remembers those that left is full as well.
  const keys = namesOf('kept', 2 * MANY_ENTRIES);
  const before = used();
  const policy = make({ entries: MANY_ENTRIES, bytes: Infinity }, keys);
  nanoseconds(policy, keys);
  const after = used();
  // Asked once more, or it would be gone before memory is looked at.
  return policy.has('') ? 0 : (after - before) / MANY_ENTRIES;
}

function used(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}
