import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { OptionsInput } from 'understudy-cache';
import type { BenchRedis } from '../redis.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
/** Milliseconds. */
const WARM_UP = 1_500;
const ROUND = 3_000;

/** From the parent to a process that works by the clock. */
export type LoopDelayCommand =
  | {
      readonly type: 'prepare';
      readonly port: number;
      readonly compression: OptionsInput['compression'];
      readonly warmUp: number;
    }
  | { readonly type: 'run'; readonly milliseconds: number };

/** Milliseconds by which its event loop was late at the 99th percentile, for every command. */
export type LoopDelayReport = { readonly p99: number } | { readonly failed: string };

/** By how many milliseconds compression makes the event loop later, at the 99th percentile; round by round. */
export async function measureLoopDelay(
  redis: BenchRedis,
  rounds: number,
  onStep: () => void,
): Promise<number[]> {
  await redis.call('FLUSHALL', 'SYNC');
  const [plain, zstd] = [started(), started()];
  const { port } = redis;
  try {
    for (const [child, algorithm] of [[plain, 'none'] as const, [zstd, 'zstd'] as const])
      await ask(child, { type: 'prepare', port, compression: { algorithm }, warmUp: WARM_UP });
    onStep();
    const more: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const without = await ask(plain, { type: 'run', milliseconds: ROUND });
      const withIt = await ask(zstd, { type: 'run', milliseconds: ROUND });
      more.push(withIt - without);
      onStep();
    }
    return more;
  } finally {
    for (const child of [plain, zstd]) if (child.connected) child.disconnect();
  }
}

function started(): ChildProcess {
  return fork(CHILD, { stdio: ['ignore', 2, 2, 'ipc'] });
}

async function ask(child: ChildProcess, command: LoopDelayCommand): Promise<number> {
  const over = new AbortController();
  const { signal } = over;
  const report = once(child, 'message', { signal }).then(([message]): LoopDelayReport => message);
  const exit = once(child, 'exit', { signal }).then((): never => {
    throw new Error('a process of the row ended');
  });
  child.send(command);
  try {
    const answer = await Promise.race([report, exit]);
    if ('failed' in answer) throw new Error(answer.failed);
    return answer.p99;
  } finally {
    over.abort();
    await Promise.allSettled([report, exit]);
  }
}
