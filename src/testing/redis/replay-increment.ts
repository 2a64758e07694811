import { deltasOf } from '../../tiers/deltas.ts';
import { DONE, NOT_A_NUMBER, type Outcome, SUPERSEDED, type Write } from '../../tiers/tier.ts';
import { VERSION_LENGTH } from '../../wire/hybrid-clock.ts';
import {
  encodeStored,
  graceOf,
  isNothing,
  restamped,
  revalued,
  valueTextOf,
  versionOf,
} from '../../wire/stored.ts';
import type { Found } from './found.ts';
import { exactSum, type Ground, numberIn } from './ground.ts';
import { floorOf, invalidationOf } from './marks.ts';

type Increment = Extract<Write, { op: 'increment' }>;

/** What of a late increment has not been made yet. */
interface Owed {
  /** The ids of its parts, one after the other. */
  readonly ids: string;
  readonly toPresent: number;
  /** Where there is no counter; undefined when none of it begins one. */
  readonly toNothing: number | undefined;
}

/** Adds to whatever is there, unless that was done before and nobody heard of it, or the key was deleted since. */
export function replayIncrement(ground: Ground, write: Increment, found: Found): Outcome {
  const { keyspace } = ground;
  const { version, fresh, ttl, touched } = write;
  const { name, current, buried } = found;
  const floor = floorOf(ground, write);
  const owed = owedOf(ground, write);
  note(ground, write, owed.ids);
  const touches = touched !== undefined && current <= version;
  const touchedTtl = Math.ceil((touched ?? 0) - (fresh - ttl));
  const over =
    found.stored !== undefined && (isNothing(found.stored, fresh - ttl) || versionOf(found.stored) < floor);
  let { present, stored } = over ? { present: false, stored: undefined } : found;
  let begins = owed.toNothing !== undefined;
  if (touches && touchedTtl <= 0 && stored !== undefined) {
    // Touched, and expired since, with what was added before; what was added after began anew.
    keyspace.delete(name);
    present = false;
    stored = undefined;
    begins &&= touched <= millisecondsOf(version);
  }
  if (buried > version || invalidationOf(ground, write) > version) return SUPERSEDED;
  if (!present) {
    if (begins && ttl > 0)
      keyspace.set(name, encodeStored(version, fresh - ttl, fresh, `${owed.toNothing ?? 0}`), ttl);
    return DONE;
  }
  if (owed.ids === '' && !touches) return DONE;
  if (stored === undefined) return NOT_A_NUMBER;
  const sum = exactSum(numberIn(stored), owed.toPresent);
  // Of what is no number remains that it was touched.
  const newest = sum === undefined ? versionOf(stored) : current > version ? current : version;
  const times = touches ? restamped(stored, newest, touched) : stored;
  const text = revalued(times, newest, sum === undefined ? valueTextOf(stored) : `${sum}`);
  if (touches) keyspace.set(name, text, touchedTtl + graceOf(stored));
  else if (sum !== undefined) keyspace.replace(name, text);
  return sum === undefined ? NOT_A_NUMBER : DONE;
}

function owedOf({ keyspace, space }: Ground, write: Increment): Owed {
  const known = keyspace.text(space.applied(write.key)) ?? '';
  const left = deltasOf(write).filter(({ id, receipt }) => {
    const slip = receipt === undefined ? '' : (keyspace.text(space.receipt(receipt)) ?? '');
    return !known.includes(id) && !slip.includes(id);
  });
  const beginning = left.filter(({ lapsed }) => lapsed !== true);
  return {
    ids: left.map(({ id }) => id).join(''),
    toPresent: left.reduce((sum, { by }) => sum + by, 0),
    toNothing: beginning.length === 0 ? undefined : beginning.reduce((sum, { by }) => sum + by, 0),
  };
}

/** Should a batch that held one of them still arrive, or another replay, it is not made again. */
function note({ keyspace, space, receiptTtl }: Ground, write: Increment, ids: string): void {
  if (ids === '') return;
  const memory = space.applied(write.key);
  const from = write.fresh - write.ttl - receiptTtl;
  const remembered = idsIn(keyspace.text(memory) ?? '').filter((id) => millisecondsOf(id) >= from);
  keyspace.set(memory, remembered.join('') + ids, receiptTtl);
  for (const { id, receipt } of deltasOf(write)) {
    if (receipt === undefined || !ids.includes(id)) continue;
    const slip = space.receipt(receipt);
    keyspace.set(slip, (keyspace.text(slip) ?? '') + id, receiptTtl);
  }
}

function idsIn(text: string): string[] {
  return Array.from({ length: text.length / VERSION_LENGTH }, (_, at) =>
    text.slice(at * VERSION_LENGTH, (at + 1) * VERSION_LENGTH),
  );
}

function millisecondsOf(version: string): number {
  return Number.parseInt(version.slice(0, 12), 16);
}
