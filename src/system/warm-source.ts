import type { Entry } from '../../actors/cache/messages.ts';
import { UnderstudyError } from '../runtime/errors.ts';
import { entryOf } from './entries.ts';
import type { WarmEntries, WarmKeys } from './warm-options.ts';

/** One key to warm, and its value when that is needed. */
export interface WarmItem {
  readonly key: string;
  readonly terms: Omit<Entry, 'key' | 'value'>;
  readonly load: (context: { readonly signal: AbortSignal }) => unknown;
}

export interface WarmSource {
  readonly items: AsyncIterable<WarmItem>;
  /** Undefined where it is not known beforehand. */
  readonly total: number | undefined;
}

/** What a caller of `warm` gave, in any of the ways it may. */
export function warmSourceOf(source: WarmEntries | WarmKeys): WarmSource {
  if (isSeveral(source)) {
    const itemOf = (given: readonly [string, unknown] | Entry): WarmItem => {
      const { key, value, ...terms } = entryOf(given);
      return { key, terms, load: () => value };
    };
    return { items: mapped(source, itemOf), total: countOf(source) };
  }
  const { keys, load } = typeof source === 'object' && source !== null ? source : {};
  if (!isSeveral(keys)) throw refused('entries, or { keys, load } with keys to iterate over');
  if (typeof load !== 'function') throw refused(`a function to load with, got ${typeof load}`);
  const itemOf = (key: string): WarmItem => ({ key, terms: {}, load: (context) => load(key, context) });
  return { items: mapped(keys, itemOf), total: countOf(keys) };
}

async function* mapped<T>(
  given: Iterable<T> | AsyncIterable<T>,
  itemOf: (item: T) => WarmItem,
): AsyncGenerator<WarmItem, void> {
  for await (const item of given) yield itemOf(item);
}

function isSeveral<T>(
  given: Iterable<T> | AsyncIterable<T> | object | undefined,
): given is Iterable<T> | AsyncIterable<T> {
  if (typeof given !== 'object' || given === null) return false;
  return Symbol.iterator in given || Symbol.asyncIterator in given;
}

function countOf(given: object): number | undefined {
  if (Array.isArray(given)) return given.length;
  return given instanceof Map || given instanceof Set ? given.size : undefined;
}

function refused(expected: string): UnderstudyError {
  return new UnderstudyError('INVALID_OPTION', `warm: expected ${expected}`);
}
