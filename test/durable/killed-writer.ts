import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Acknowledged, WriterTask } from './writer-process.ts';

const PROCESS = join(import.meta.dirname, 'writer-process.ts');

/** How one life of the writer went. */
interface Life {
  readonly recovered: number;
  readonly acknowledged: readonly Acknowledged[];
}

/**
 * Runs a writer and kills it by SIGKILL `milliseconds` after it said that it has recovered, or after it was started where
 * `atStart` says so. The moment of a kill is a fault to be injected, so here a test waits for time to pass.
 */
export async function killedWriter(task: WriterTask, milliseconds: number, atStart = false): Promise<Life> {
  const child = spawn(process.execPath, [PROCESS, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: Acknowledged[] = [];
  let recovered = 0;
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const read = once(lines, 'close');
  const begun = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const news = parsed(line);
      if (news === undefined) return;
      if ('key' in news) acknowledged.push(news);
      else if (news.up) {
        recovered = news.recovered;
        resolve();
      } else throw new Error('the writer began without its durable tier');
    });
  });
  try {
    if (!atStart) await Promise.race([begun, ended.then(died)]);
    await Promise.race([delay(milliseconds), ended.then(died)]);
  } finally {
    child.kill('SIGKILL');
    await ended;
    await read;
  }
  return { recovered, acknowledged };
}

function died([code, signal]: unknown[]): never {
  throw new Error(`the writer ended by itself: ${String(code ?? signal)}`);
}

type News = Acknowledged | { readonly recovered: number; readonly up: boolean };

/** The last line may have been cut by the kill: who reads it has not been told. */
function parsed(line: string): News | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
