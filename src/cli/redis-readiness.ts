import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { BoundProcess } from './bound-process.ts';
import { RedisReplyError, redisCall } from './redis-socket.ts';

/**
 * What counts as started: `pong`, PING is answered with PONG; `listening`, with anything, such as LOADING or NOAUTH.
 */
export type Readiness = 'pong' | 'listening';

/** The server ended before it was ready, because its port had been taken. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

interface AwaitReadyOptions {
  process: BoundProcess;
  /** Unix socket in the server's own directory. A port could be answered by another server that took it first. */
  socketPath: string;
  logFile: string;
  ready: Readiness;
  password: string | undefined;
  timeoutMs: number;
}

const POLL_MS = 5;

/**
 * Resolves when the server answers PING as `ready` demands.
 *
 * @throws PortTakenError when it ended because its port was taken
 * @throws Error when it ended otherwise, wants a password that was not given, or is not ready in time
 */
export async function awaitReady(options: AwaitReadyOptions): Promise<void> {
  const deadline = performance.now() + options.timeoutMs;
  let last = 'no connection yet';
  while (performance.now() < deadline) {
    if (!options.process.running) throw endedEarly(options.logFile);
    try {
      await ping(options, deadline - performance.now());
      return;
    } catch (error) {
      if (error instanceof RedisReplyError) {
        if (options.ready === 'listening') return;
        if (/^(NOAUTH|WRONGPASS)/.test(error.message)) throw error;
      }
      last = error instanceof Error ? error.message : String(error);
    }
    await delay(POLL_MS);
  }
  throw new Error(`The Redis server was not ready within ${options.timeoutMs} ms: ${last}`);
}

async function ping({ socketPath, password }: AwaitReadyOptions, timeoutMs: number): Promise<void> {
  await redisCall(socketPath, ['PING'], { timeoutMs, ...(password === undefined ? {} : { password }) });
}

function endedEarly(logFile: string): Error {
  // A line that starts with >>> repeats the offending directive, which may hold a password.
  const lines = readFileSync(logFile, 'utf8').split('\n');
  const told = lines.filter((line) => line !== '' && !line.startsWith('>>>'));
  const log = told.slice(-8).join('\n');
  if (/Address already in use|Failed listening on port/.test(log)) return new PortTakenError(log);
  return new Error(`The Redis server ended before it was ready. Its last words:\n${log}`);
}
