import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BenchRedis } from '../redis.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

/** How many are held. */
export const ENTRIES = 1_000_000;

/**
 * How a process comes to hold them: in a `plain` lru-cache; by having `set` them, with no Redis; by having `read` them from memory
 * after that; or by having read them from `redis`, where another was to `store` them.
 */
export type FootprintTask = 'plain' | 'store' | 'set' | 'read' | 'redis';

/** Megabytes (10^6 bytes) that the entries take, in memory of ours and in the plain one. */
export interface Footprint {
  readonly own: number;
  readonly peer: number;
}

export async function measureFootprint(
  task: Exclude<FootprintTask, 'plain' | 'store'>,
  redis: BenchRedis,
  rounds: number,
  onStep: () => void,
): Promise<Footprint[]> {
  await redis.call('FLUSHALL', 'SYNC');
  if (task === 'redis') await weigh('store', redis);
  onStep();
  const measured: Footprint[] = [];
  for (let round = 0; round < rounds; round++) {
    measured.push({ own: await weigh(task, redis), peer: await weigh('plain', redis) });
    onStep();
  }
  await redis.call('FLUSHALL', 'SYNC');
  return measured;
}

/** A process of its own each time, as one that has held something is not as it was before. */
async function weigh(task: FootprintTask, { port }: BenchRedis): Promise<number> {
  const child = fork(CHILD, { execArgv: ['--expose-gc'], stdio: ['ignore', 2, 2, 'ipc'] });
  const over = new AbortController();
  const { signal } = over;
  const said = once(child, 'message', { signal }).then(([bytes]): number => Number(bytes) / 1e6);
  const exit = once(child, 'exit', { signal }).then((): never => {
    throw new Error('a process of the footprint rows ended');
  });
  child.send({ task, port });
  try {
    return await Promise.race([said, exit]);
  } finally {
    over.abort();
    child.kill();
    await Promise.allSettled([said, exit]);
  }
}
