import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

interface UntilOptions {
  /** Milliseconds until the wait is given up. */
  timeoutMs: number;
}

/**
 * Polls until `probe` answers something other than undefined or false, and returns that. A probe that throws has not
 * seen it yet; its last error is the cause of the failure.
 */
export async function until<T>(
  expectation: string,
  probe: () => Promise<T | undefined | false>,
  { timeoutMs }: UntilOptions,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  while (performance.now() < deadline) {
    try {
      const seen = await probe();
      if (seen !== undefined && seen !== false) return seen;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(POLL_MS);
  }
  throw new Error(`Not within ${timeoutMs} ms: ${expectation}`, { cause });
}
