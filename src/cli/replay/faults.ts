import { setTimeout as delay } from 'node:timers/promises';
import type { PrivateRedis } from '../private-redis.ts';

export const FAULTS = ['kill', 'freeze', 'restart'] as const;

/**
 * `kill`: kill -9, and started again later; `freeze`: SIGSTOP, connections stay open and nothing is answered, then
 * SIGCONT; `restart`: an orderly shutdown and a start right after it, as in a deployment.
 */
export type Fault = (typeof FAULTS)[number];

/**
 * Arguments for a server that is to be broken: what it confirmed is in its append-only file before the reply goes out,
 * so it outlives a kill, and what is missing afterwards was lost on the way to it.
 */
export const DURABLE: readonly string[] = [
  ...['--appendonly', 'yes', '--appendfsync', 'no'],
  ...['--auto-aof-rewrite-percentage', '0'],
];

/** The part of a private Redis that faults need. */
export type Breakable = Pick<PrivateRedis, 'kill' | 'freeze' | 'thaw' | 'restart' | 'call'>;

/** Breaks the server for `outage` milliseconds, or until the signal says that it is enough, and repairs it. */
export async function inflict(
  fault: Fault,
  redis: Breakable,
  outage: number,
  signal: AbortSignal,
): Promise<void> {
  switch (fault) {
    case 'kill':
      await redis.kill();
      await pause(outage, signal);
      return redis.restart();
    case 'freeze':
      await redis.freeze();
      await pause(outage, signal);
      return redis.thaw();
    case 'restart':
      // The connection ends with the server, before there is a reply.
      await redis.call('SHUTDOWN', 'NOSAVE').catch(() => {});
      return redis.restart();
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => {});
}
