import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../src/cli/free-port.ts';
import type { BenchRedis } from './redis.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SERVE = ['dist/src/cli/main.js', 'serve'];
/** Milliseconds within which the service has to be ready, and later to have ended. */
const PATIENCE = 15_000;
/** Milliseconds between two looks at /readyz. */
const INTERVAL = 10;
/** Milliseconds after which a service that is ready is idle as well. */
const SETTLING = 3_000;

/** Seconds from `npm start` to the first 200 from /readyz. */
export function secondsToReady(redis: BenchRedis): Promise<number> {
  return withService('npm', ['start'], redis, ({ seconds }) => Promise.resolve(seconds));
}

/** Resident memory of the serving process in megabytes (10^6 bytes), some time after it was ready. */
export function idleMegabytes(redis: BenchRedis): Promise<number> {
  return withService(process.execPath, SERVE, redis, async ({ pid }) => {
    await delay(SETTLING);
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
    return (Number(stdout) * 1024) / 1e6;
  });
}

interface Started {
  readonly pid: number;
  readonly seconds: number;
}

async function withService<T>(
  command: string,
  args: readonly string[],
  redis: BenchRedis,
  look: (started: Started) => Promise<T>,
): Promise<T> {
  const port = await freePort();
  const began = performance.now();
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...unconfigured(), UNDERSTUDY_HTTP_PORT: String(port), UNDERSTUDY_REDIS_URL: redis.url },
    stdio: ['ignore', 'ignore', 'pipe'],
    // npm starts a shell that starts the service: they are stopped as the group that they are.
    detached: true,
  });
  let lastWords = '';
  child.stderr.on('data', (chunk) => {
    lastWords = `${lastWords}${chunk}`.slice(-2_000);
  });
  const stop = (): void => signal(child, 'SIGKILL');
  process.once('exit', stop);
  try {
    if (child.pid === undefined) await once(child, 'spawn');
    await untilReady(`http://127.0.0.1:${port}/readyz`, child).catch((cause: unknown) => {
      throw new Error(`${[command, ...args].join(' ')} did not become ready: ${lastWords}`, { cause });
    });
    return await look({ pid: child.pid ?? 0, seconds: (performance.now() - began) / 1000 });
  } finally {
    await end(child);
    process.off('exit', stop);
  }
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const status = await fetch(url).then(
      async (response) => {
        await response.body?.cancel();
        return response.status;
      },
      () => undefined,
    );
    if (status === 200) return;
    await delay(INTERVAL);
  }
  throw new Error(`no 200 within ${PATIENCE / 1000} s`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  signal(child, 'SIGTERM');
  const stuck = setTimeout(() => signal(child, 'SIGKILL'), PATIENCE);
  await exit;
  clearTimeout(stuck);
}

function signal({ pid }: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // Nobody of the group is left.
  }
}

/** This environment without what configures the service or its telemetry. */
function unconfigured(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(UNDERSTUDY|OTEL)_/.test(name) || name === 'UNDERSTUDY_HOST_NODE',
  );
  return Object.fromEntries(kept);
}
