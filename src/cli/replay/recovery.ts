import { setTimeout as delay } from 'node:timers/promises';
import type { Understudy } from '../../system/understudy.ts';

/** Milliseconds between looks. */
const POLL = 10;

/**
 * Resolves with true when Redis serves again and has everything that was accepted meanwhile, or with false when that is
 * not so within `patience` milliseconds.
 */
export async function recovered(understudy: Understudy, patience: number): Promise<boolean> {
  const deadline = performance.now() + patience;
  for (;;) {
    const { redis, cache } = await understudy.health();
    if (redis.state === 'closed' && cache?.journal.entries === 0) return true;
    if (performance.now() > deadline) return false;
    await delay(POLL);
  }
}
