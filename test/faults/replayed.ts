import type { Understudy } from '../../src/system/understudy.ts';
import { until } from '../servers/until.ts';

/** Resolves when Redis is served again and everything that waited has reached it. */
export async function replayed(understudy: Understudy): Promise<void> {
  const probe = async () => {
    const { journal, waiting } = await understudy.ask({ type: 'cache.stats' });
    const { state } = await understudy.ask({ type: 'circuit-breaker.status' });
    return state === 'closed' && journal.entries === 0 && waiting === 0;
  };
  await until('the breaker is closed and the journal empty', probe, { timeoutMs: 5_000 });
}
