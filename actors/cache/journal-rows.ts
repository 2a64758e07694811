import type { JournalRow } from '../../src/tiers/journal-store.ts';
import type { Write } from '../../src/tiers/tier.ts';
import { isMarker, markerName } from '../../src/wire/marker.ts';
import type { Clearing } from './journal.ts';

/** What a row says; undefined for one that this version cannot read. */
export type JournalEntry = { readonly write: Write } | { readonly clearing: Clearing };

const OPERATIONS: readonly unknown[] = [
  'set',
  'delete',
  'touch',
  'increment',
  'mark',
] satisfies Write['op'][];

/** A store keeps text that is well-formed. */
export const slotOfKey = (key: string): string => (isMarker(key) ? `m${markerName(key)}` : `k${key}`);
export const slotOfPrefix = (prefix: string): string => `p${prefix}`;

export function rowOfWrite(write: Write): JournalRow {
  return { slot: slotOfKey(write.key), body: JSON.stringify(write) };
}

/** That Redis was there when it was asked for says nothing to a later process. */
export function rowOfClearing({ prefix, version, collapsed, since }: Clearing): JournalRow {
  return { slot: slotOfPrefix(prefix), body: JSON.stringify({ prefix, version, collapsed, since }) };
}

/** Rows are written here only, so their fields are looked at as far as it takes to tell that they were. */
export function entryOf({ slot, body }: JournalRow): JournalEntry | undefined {
  const fields = fieldsOf(body);
  if (typeof fields?.version !== 'string') return undefined;
  if (slot === `p${String(fields.prefix)}`) return { clearing: fields as unknown as Clearing };
  const known = slot === slotOfKey(String(fields.key)) && OPERATIONS.includes(fields.op);
  return known ? { write: fields as unknown as Write } : undefined;
}

function fieldsOf(body: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
