import { instanceOf, VERSION_LENGTH } from '../../wire/hybrid-clock.ts';
import type { Ground } from './ground.ts';

/**
 * Remembers that everything with a prefix was cleared, as clear.lua does. With `spared` it stands for deletions that found
 * no room in a journal, and outlives only what these instances changed.
 */
export function recordClearing(
  { keyspace, space, tombstoneTtl }: Ground,
  prefix: string,
  version: string,
  spared: readonly string[] | undefined,
): void {
  const name = space.clearings();
  const known = keyspace.hash(name);
  const outdated = millisecondsOf(version) - tombstoneTtl;
  for (const [field, value] of known) if (millisecondsOf(value) < outdated) known.delete(field);
  const field = space.data(prefix) + (spared === undefined ? '' : `~${instanceOf(version)}`);
  const value = spared === undefined ? version : `${version}~${spared.join()}`;
  if (value > (known.get(field) ?? '')) known.set(field, value);
  keyspace.expire(name, tombstoneTtl);
}

/** The clearings that late changes are held against. */
export class Clearings {
  readonly #known: readonly (readonly [prefix: string, cleared: string])[];

  constructor({ keyspace, space }: Ground) {
    const name = space.clearings();
    this.#known = keyspace.has(name) ? [...keyspace.hash(name)] : [];
  }

  /** The version of the last clearing of a prefix of this name; '' for none. */
  of(name: string): string {
    return newest(this.#known.filter(([prefix]) => name.startsWith(prefix)).map(([, cleared]) => cleared));
  }

  /** The same of deletions that found no room in a journal; it does not concern what their author spared. */
  collapsed(version: string): string {
    const instance = instanceOf(version);
    const all = this.#known.map(([, cleared]) => cleared);
    const last = newest(
      all.filter((cleared) => cleared[VERSION_LENGTH] === '~' && !cleared.includes(instance, VERSION_LENGTH)),
    );
    return last.slice(0, VERSION_LENGTH);
  }
}

function newest(versions: readonly string[]): string {
  return versions.reduce((last, version) => (version > last ? version : last), '');
}

function millisecondsOf(version: string): number {
  return Number.parseInt(version.slice(0, 12), 16);
}
