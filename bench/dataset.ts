import { seededRandom } from '../test/servers/seeded-random.ts';

/** Time to live of everything that is stored, in milliseconds. */
export const TTL = 3_600_000;
/** Length of every value as JSON, in bytes. */
const VALUE_BYTES = 250;
/** Keys of the Redis rows: ten times what Understudy's memory holds, so that it can be of no help. */
export const REDIS_KEYS = 10_000;
/** Keys of the memory rows: few enough for the memory of every contender by its defaults. */
export const MEMORY_KEYS = 500;

/** A power of two. */
const SEQUENCE = 65_536;

export interface Dataset {
  readonly keys: readonly string[];
  /** The value of each key, by position. */
  readonly values: readonly object[];
}

/** The same keys and values for every contender. */
export function makeDataset(size: number): Dataset {
  const indices = Array.from({ length: size }, (_, index) => index);
  return { keys: indices.map(keyOf), values: indices.map(recordOf) };
}

function keyOf(index: number): string {
  return `user:${String(index).padStart(6, '0')}`;
}

/** A small record of a user, whose JSON is exactly `VALUE_BYTES` long. */
function recordOf(index: number): object {
  const record = {
    id: index,
    name: `User ${index}`,
    email: `user${index}@example.com`,
    roles: ['reader', 'author'],
    active: true,
    score: (index % 1000) / 8,
    seen: '2026-01-01T00:00:00.000Z',
    about: '',
  };
  return { ...record, about: 'x'.repeat(VALUE_BYTES - JSON.stringify(record).length) };
}

/** Walks for ever through positions drawn uniformly, the same ones for every contender. */
export function uniformPositions(size: number): () => number {
  const random = seededRandom(1);
  const positions = Uint32Array.from({ length: SEQUENCE }, () => Math.floor(random() * size));
  let at = 0;
  return () => {
    at = (at + 1) & (SEQUENCE - 1);
    return positions[at] ?? 0;
  };
}

/** Two of ten tags: which, the last digits of the key tell. */
export function tagsOf(key: string): string[] {
  const number = Number(key.slice(-2));
  return [`tag ${number % 10}`, `tag ${(number + 3) % 10}`];
}
