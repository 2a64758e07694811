import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { seededRandom } from '../servers/seeded-random.ts';

/** A file that goes with its test. */
export function traceFile(content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'understudy-trace-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'trace');
  writeFileSync(file, content);
  return file;
}

/** Lines of blocks the way conversations produce them: a known beginning, then blocks of their own. */
export function conversations(lines: number, seed = 1): number[][] {
  const random = seededRandom(seed);
  const known: number[][] = [[0]];
  let next = 1;
  return Array.from({ length: lines }, () => {
    // Mostly recent ones go on, so that an LRU has something to be good at.
    const back = Math.floor(random() ** 3 * known.length);
    const start = known[known.length - 1 - back] ?? [0];
    const added = Array.from({ length: 1 + Math.floor(random() * 6) }, () => next++);
    const line = [...start.slice(0, 20), ...added];
    known.push(line);
    return line;
  });
}

/** The Mooncake format, a line every `interval` milliseconds. */
export function mooncake(lines: readonly (readonly number[])[], interval = 10): string {
  return lines.map((ids, at) => `${JSON.stringify({ timestamp: at * interval, hash_ids: ids })}\n`).join('');
}
