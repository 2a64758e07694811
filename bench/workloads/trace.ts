import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Contender } from '../contenders/contender.ts';
import { makeDataset } from '../dataset.ts';
import type { Work, Workload } from './workload.ts';

const FILE = new URL('../../../shared/data/mooncake-conversation.jsonl', import.meta.url);

/** Where the trace should be. It is not part of this project. */
export const traceFile: string = fileURLToPath(FILE);

export function traceIsThere(): boolean {
  return existsSync(FILE);
}

const line = z.object({ hash_ids: z.array(z.int()).min(1) });
const VALUES = 1_000;

/**
 * Requests of a language model's users: each reads the blocks of its prompt at once and then writes those that were
 * missing. An operation is one block read; a round is the whole trace, or its beginning.
 */
export function traceReplay(contender: Contender, callers: number, operations = Infinity): Workload {
  const { getMany, setMany } = contender;
  if (getMany === undefined || setMany === undefined) throw new Error('no reads or writes of many keys');
  const requests = beginningOf(readTrace(), operations);
  const { values } = makeDataset(VALUES);
  const answer = async (blocks: readonly number[]): Promise<void> => {
    const keys = blocks.map((block) => `block:${block}`);
    const missing = await getMany(keys);
    if (missing.length === 0) return;
    await setMany(
      missing.map((position) => keys[position] ?? ''),
      missing.map((position) => values[(blocks[position] ?? 0) % VALUES] ?? {}),
    );
  };
  return {
    size: requests.reduce((sum, blocks) => sum + blocks.length, 0),
    prepare: () => Promise.resolve(),
    async run(size: number): Promise<Work> {
      let at = 0;
      const call = async (): Promise<void> => {
        for (let blocks = requests[at++]; blocks !== undefined; blocks = requests[at++]) await answer(blocks);
      };
      await Promise.all(Array.from({ length: callers }, call));
      return { operations: size };
    },
  };
}

function readTrace(): readonly (readonly number[])[] {
  const lines = readFileSync(FILE, 'utf8').trimEnd().split('\n');
  return lines.map((text) => line.parse(JSON.parse(text)).hash_ids);
}

function beginningOf(requests: readonly (readonly number[])[], operations: number): (readonly number[])[] {
  let left = operations;
  return requests.filter((blocks) => {
    const taken = left > 0;
    left -= blocks.length;
    return taken;
  });
}
