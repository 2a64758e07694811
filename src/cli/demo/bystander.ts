import { setTimeout as delay } from 'node:timers/promises';
import { redisCall } from '../redis-socket.ts';
import type { Meter } from './meter.ts';

/** Milliseconds between calls, and until one is given up. */
const PERIOD = 50;
const PATIENCE = 250;

/** A client that asks Redis itself, twenty times a second, to show what callers would notice without Understudy. */
export async function standBy(port: number, meter: Meter, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answered = await redisCall(port, ['PING'], { timeoutMs: PATIENCE }).then(
      () => true,
      () => false,
    );
    meter.direct(answered);
    await delay(PERIOD);
  }
}
