import type { KeySpace } from '../../wire/keys.ts';
import { DONE, HELD, NOT_A_NUMBER, type Outcome, SUPERSEDED, type Write } from '../tier.ts';
import { safeError } from './failures.ts';

const LETTER = { set: 's', delete: 'd', touch: 't', increment: 'i' } as const;

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

/** Arguments of write.lua. */
export function writeArguments(writes: readonly Write[], space: KeySpace, tombstoneTtl: number): Arguments {
  const uniform = uniformSets(writes, space);
  if (uniform !== undefined) return uniform;
  const keys: string[] = [];
  const args: (string | number)[] = ['', tombstoneTtl];
  let letters = '';
  for (const write of writes) {
    letters += LETTER[write.op];
    keys.push(space.data(write.key));
    if (write.op === 'set') args.push(write.stored, write.ttl);
    else if (write.op === 'delete') {
      keys.push(space.tombstone(write.key));
      args.push(write.version);
    } else if (write.op === 'touch') args.push(write.version, write.fresh, write.ttl);
    else args.push(write.version, write.fresh, write.ttl, write.by);
  }
  args[0] = letters;
  return { keys, args };
}

/** Arguments of replay.lua. */
export function replayArguments(writes: readonly Write[], space: KeySpace, tombstoneTtl: number): Arguments {
  const keys: string[] = [];
  const args: (string | number)[] = ['', tombstoneTtl];
  let letters = '';
  for (const write of writes) {
    letters += LETTER[write.op];
    keys.push(space.data(write.key), space.tombstone(write.key));
    if (write.op === 'set') args.push(write.version, 0, write.ttl, write.stored);
    else if (write.op === 'delete') args.push(write.version, 0, 0, '');
    else if (write.op === 'touch') args.push(write.version, write.fresh, write.ttl, '');
    else args.push(write.version, write.fresh, write.ttl, write.by);
  }
  args[0] = letters;
  return { keys, args };
}

/** The outcomes that the reply of write.lua tells. */
export function writeOutcomes(writes: readonly Write[], reply: unknown): Outcome[] {
  const { applied, failure, rest } = parts(reply);
  let next = 0;
  return writes.map((write, at) => {
    if (at >= applied) return failed(failure);
    if (write.op === 'set') return DONE;
    const result = rest[next++];
    if (write.op !== 'increment') return { status: 'done', existed: result === 1 };
    return result === 'nan' ? NOT_A_NUMBER : { status: 'done', value: Number(result) };
  });
}

/** The outcomes that the reply of replay.lua tells. */
export function replayOutcomes(writes: readonly Write[], reply: unknown): Outcome[] {
  const { applied, failure, rest } = parts(reply);
  return writes.map((_, at) => {
    if (at >= applied) return failed(failure);
    if (rest[at] === 1) return DONE;
    if (rest[at] === 3) return HELD;
    return rest[at] === 2 ? NOT_A_NUMBER : SUPERSEDED;
  });
}

function parts(reply: unknown): { applied: number; failure: string; rest: unknown[] } {
  const [applied, failure, ...rest] = Array.isArray(reply) ? reply : [0, 'unexpected reply of the script'];
  return { applied: Number(applied), failure: String(failure), rest };
}

function failed(failure: string): Outcome {
  return { status: 'failed', error: safeError(new Error(failure || 'not applied')) };
}
