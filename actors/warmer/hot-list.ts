import type { HotKey } from '../cache/messages.ts';

/** Milliseconds after which what was asked for counts half. */
const HALF_LIFE = 600_000;
/** Most characters of the keys together: the list is one value of Redis. */
const MAX_LENGTH = 262_144;

/** The hottest keys of all processes, as they stand in Redis. */
export interface HotList {
  /** Named when there was none: a list of another name is another list, and the one before it is lost. */
  readonly born: string;
  /** Milliseconds since the epoch at which the weights hold. */
  readonly at: number;
  /** The hottest first. */
  readonly keys: readonly (readonly [key: string, weight: number])[];
}

/** Undefined for what is no list. */
export function parseHotList(text: string | null): HotList | undefined {
  if (text === null) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return isHotList(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

/** The list with what was asked for since `list.at`, by key; what was asked for before fades. No more than `limit` keys. */
export function mergedHotList(
  list: HotList,
  asked: ReadonlyMap<string, number>,
  now: number,
  limit: number,
): HotList {
  const faded = 2 ** (-Math.max(0, now - list.at) / HALF_LIFE);
  const weights = new Map(list.keys.map(([key, weight]) => [key, weight * faded]));
  for (const [key, times] of asked) weights.set(key, (weights.get(key) ?? 0) + times);
  const hottest = [...weights].sort(([, one], [, other]) => other - one).slice(0, limit);
  let length = 0;
  const fits = ([key]: readonly [string, number]): boolean => {
    length += key.length;
    return length <= MAX_LENGTH;
  };
  const keys = hottest
    .filter(fits)
    .map(([key, weight]) => [key, Math.round(weight * 1_000) / 1_000] as const);
  return { born: list.born, at: now, keys };
}

/**
 * How often each hot key was asked for since this was last called. `counted` remembers what was told. A key may have lost its
 * counter and have another: then it counts from its beginning.
 */
export function askedSince(counted: Map<string, number>, hotKeys: readonly HotKey[]): Map<string, number> {
  const asked = new Map<string, number>();
  const before = new Map(counted);
  counted.clear();
  for (const { key, count, error } of hotKeys) {
    const sure = count - error;
    const told = before.get(key) ?? 0;
    counted.set(key, sure);
    if (sure !== told) asked.set(key, sure > told ? sure - told : sure);
  }
  return asked;
}

function isHotList(list: unknown): list is HotList {
  if (typeof list !== 'object' || list === null) return false;
  if (!('born' in list) || typeof list.born !== 'string' || !('at' in list) || typeof list.at !== 'number')
    return false;
  return 'keys' in list && Array.isArray(list.keys) && list.keys.every(isWeighted);
}

function isWeighted(pair: unknown): pair is readonly [string, number] {
  return Array.isArray(pair) && typeof pair[0] === 'string' && pair[0] !== '' && typeof pair[1] === 'number';
}
