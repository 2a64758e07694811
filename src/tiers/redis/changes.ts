import type { KeySpace } from '../../wire/keys.ts';
import { deltasOf } from '../deltas.ts';
import { DONE, HELD, type Mark, NOT_A_NUMBER, type Outcome, SUPERSEDED, type Write } from '../tier.ts';
import { safeError } from './failures.ts';
import { slotOf } from './slot.ts';
import { tagOf } from './slot-tags.ts';

const LETTER = { set: 's', delete: 'd', touch: 't', increment: 'i', mark: 'm' } as const;

type Relative = Extract<Write, { op: 'touch' | 'increment' }>;

interface Arguments {
  readonly keys: string[];
  readonly args: (string | number)[];
}

/** Arguments of write.lua for what most batches are: sets with the same time to live. */
function uniformSets(writes: readonly Write[], space: KeySpace): Arguments | undefined {
  const first = writes[0];
  if (first?.op !== 'set') return undefined;
  const keys: string[] = [];
  const args: (string | number)[] = ['=', first.ttl];
  for (const write of writes) {
    if (write.op !== 'set' || write.ttl !== first.ttl) return undefined;
    keys.push(space.data(write.key));
    args.push(write.stored);
  }
  return { keys, args };
}

/** What changes are sent to. */
export interface ScriptTerms {
  readonly space: KeySpace;
  /** Milliseconds a deletion, and a receipt, is remembered. */
  readonly tombstoneTtl: number;
  readonly receiptTtl: number;
  /** Whether keys must be in the slot of those they are used with. */
  readonly clustered: boolean;
}

/** Arguments of write.lua. */
export function writeArguments(writes: readonly Write[], terms: ScriptTerms): Arguments {
  const { space, tombstoneTtl, receiptTtl } = terms;
  const uniform = uniformSets(writes, space);
  if (uniform !== undefined) return uniform;
  const keys: string[] = [];
  const args: (string | number)[] = ['', tombstoneTtl, ''];
  let letters = '';
  let slip: string | undefined;
  for (const write of writes) {
    letters += LETTER[write.op];
    keys.push(space.data(write.key));
    if (write.op === 'set') args.push(write.stored, write.ttl);
    else if (write.op === 'delete') {
      keys.push(space.tombstone(write.key));
      args.push(write.version);
    } else if (write.op === 'mark') args.push(...marks(write));
    else if (write.op === 'touch')
      args.push(write.version, write.fresh, write.ttl, floorOf(write, terms, keys));
    else {
      args.push(write.version, write.fresh, write.ttl, floorOf(write, terms, keys), write.by);
      if (slip === undefined && write.receipt !== undefined) slip = slipOf(write.receipt, write.key, terms);
    }
  }
  args[0] = letters;
  if (slip !== undefined) {
    args[2] = receiptTtl;
    keys.push(slip);
  }
  return { keys, args };
}

/** Arguments of replay.lua. */
export function replayArguments(writes: readonly Write[], terms: ScriptTerms): Arguments {
  const { space, tombstoneTtl, receiptTtl } = terms;
  const keys: string[] = [];
  const args: (string | number)[] = ['', tombstoneTtl, receiptTtl, '', terms.clustered ? '' : 1];
  let letters = '';
  for (const write of writes) {
    letters += LETTER[write.op];
    keys.push(space.data(write.key));
    if (write.op === 'mark') {
      args.push(...marks(write));
      continue;
    }
    keys.push(space.tombstone(write.key));
    if (write.op === 'set') args.push(write.version, 0, write.ttl, write.stored);
    else if (write.op === 'delete') args.push(write.version, 0, 0, '');
    else if (write.op === 'touch')
      args.push(write.version, write.fresh, write.ttl, floorOf(write, terms, keys));
    else addIncrement(write, terms, keys, args);
  }
  // No script of a Cluster may look into another slot.
  if (!terms.clustered) keys.push(space.clearings());
  args[0] = letters;
  return { keys, args };
}

function addIncrement(
  write: Extract<Write, { op: 'increment' }>,
  terms: ScriptTerms,
  keys: string[],
  args: (string | number)[],
): void {
  const { key, version, fresh, ttl, touched } = write;
  const now = fresh - ttl;
  args[3] = Math.max(0, Math.floor(now - terms.receiptTtl))
    .toString(16)
    .padStart(12, '0');
  const deltas = deltasOf(write);
  const slips = [...new Set(deltas.flatMap(({ receipt }) => receipt ?? []))];
  keys.push(terms.space.applied(key), ...slips.map((slip) => slipOf(slip, key, terms)));
  args.push(version, fresh, ttl, touched ?? '', touched === undefined ? '' : Math.ceil(touched - now));
  args.push(floorOf(write, terms, keys), slips.length, deltas.length);
  for (const { id, by, receipt, lapsed } of deltas) {
    args.push(id, by, receipt === undefined ? 0 : slips.indexOf(receipt) + 1, lapsed ? 1 : 0);
  }
}

const marks = ({ since, invalidated, expired, ttl }: Mark) => [since, invalidated, expired, ttl] as const;

/** What it builds on must not be older: '+' for what the marker says, which is then the last of its keys. */
function floorOf({ guard, floor }: Relative, { space, clustered }: ScriptTerms, keys: string[]): string {
  // No script of a Cluster may look into another slot.
  if (guard === undefined || clustered) return floor ?? '';
  keys.push(space.data(guard));
  return '+';
}

function slipOf(receipt: string, key: string, { space, clustered }: ScriptTerms): string {
  return space.receipt(receipt, clustered ? tagOf(slotOf(space.data(key))) : undefined);
}

/** The outcomes that the reply of write.lua tells. */
export function writeOutcomes(writes: readonly Write[], reply: unknown): Outcome[] {
  const { applied, failure, rest } = parts(reply);
  let next = 0;
  return writes.map((write, at) => {
    if (at >= applied) return failed(failure);
    if (write.op === 'set' || write.op === 'mark') return DONE;
    const result = rest[next++];
    if (write.op !== 'increment') return { status: 'done', existed: result === 1 };
    return result === 'nan' ? NOT_A_NUMBER : { status: 'done', value: Number(result) };
  });
}

/** The outcomes that the reply of replay.lua tells. */
export function replayOutcomes(writes: readonly Write[], reply: unknown): Outcome[] {
  const results: unknown[] = Array.isArray(reply) ? reply : [];
  const whole = typeof reply === 'string' ? reply : 'unexpected reply of the script';
  return writes.map((_, at) => {
    const result = results[at];
    if (result === 1) return DONE;
    if (result === 3) return HELD;
    if (result === 2) return NOT_A_NUMBER;
    return result === 0 ? SUPERSEDED : failed(typeof result === 'string' ? result : whole);
  });
}

function parts(reply: unknown): { applied: number; failure: string; rest: unknown[] } {
  const [applied, failure, ...rest] = Array.isArray(reply) ? reply : [0, 'unexpected reply of the script'];
  return { applied: Number(applied), failure: String(failure), rest };
}

function failed(failure: string): Outcome {
  return { status: 'failed', error: safeError(new Error(failure || 'not applied')) };
}
