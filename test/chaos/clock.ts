import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds on the monotonic clock of the machine, which all its processes share. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}

/** Resolves at a time of that clock. */
export async function at(time: number): Promise<void> {
  const left = time - now();
  if (left > 0) await delay(left);
}
