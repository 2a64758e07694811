import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { OptionsInput } from '../../src/config/schema.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';

const SYSTEM = fileURLToPath(new URL('../../src/system.ts', import.meta.url));
/** Milliseconds. In which a program ends once its system has stopped: the timeout of what was in flight, and slack. */
const TIME_TO_EXIT = 1_000;
/** Milliseconds for stopping itself, where Redis does not answer: that same timeout, and slack. */
const TIME_TO_STOP = 1_500;

/** Uses the cache, stops with calls under way when it is told to, and is left to end by itself. */
const program = (options: OptionsInput) => `
  const { createUnderstudy } = await import(${JSON.stringify(SYSTEM)});
  const understudy = await createUnderstudy(${JSON.stringify(options)});
  await understudy.cache.set('k', 1);
  await understudy.cache.getOrSet('loaded', () => 1);
  console.log('ready');
  await new Promise((told) => process.stdin.once('data', told));
  process.stdin.destroy();
  const calls = Array.from({ length: 100 }, (_, at) => [understudy.cache.get('k'), understudy.cache.set('k' + at, at)]);
  const began = performance.now();
  const [stopped, ...settled] = await Promise.allSettled([understudy.stop(), ...calls.flat()]);
  const lost = settled.filter(({ reason }) => reason !== undefined && reason.code !== 'STOPPING').map(String);
  console.log(JSON.stringify({ took: performance.now() - began, stopped: stopped.status, lost }));`;

let redis: RedisServer;
let child: ChildProcess | undefined;
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(() => child?.kill('SIGKILL'));
afterAll(() => redis.stop());

/** Runs the program; `fault` strikes just before it stops. */
async function stopUnder(options: OptionsInput, fault: () => Promise<void> = async () => {}) {
  child = spawn(process.execPath, ['--input-type=module', '-e', program(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new TypeError('Expected pipes');
  let complaints = '';
  stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value ?? complaints).toBe('ready');
  await fault();
  const exited = once(child, 'exit');
  stdin.write('stop\n');
  const report = JSON.parse(String((await lines.next()).value));
  const stoppedAt = performance.now();
  const [code] = await exited;
  return { ...report, code, complaints, exit: performance.now() - stoppedAt };
}

function expectClean(outcome: Awaited<ReturnType<typeof stopUnder>>): void {
  expect(outcome).toMatchObject({ stopped: 'fulfilled', lost: [], code: 0, complaints: '' });
  expect(outcome.exit).toBeLessThan(TIME_TO_EXIT);
  expect(outcome.took).toBeLessThan(TIME_TO_STOP);
}

test('nothing keeps a program alive after stop', async () => {
  expectClean(await stopUnder({ redis: { url: redis.url } }));
  expect(String(await redis.call('CLIENT', 'LIST'))).not.toContain('name=understudy');
  expect(await redis.call('GET', 'understudy:k99')).toContain('"value":99}');
});

test('nor when Redis never was there', async () => {
  expectClean(await stopUnder({ redis: { host: '127.0.0.1', port: 1 } }));
});

test('nor when Redis freezes just before', async () => {
  const outcome = await stopUnder({ redis: { url: redis.url } }, () => redis.freeze());
  await redis.thaw();
  expectClean(outcome);
});

test('nor when Redis is killed just before', async () => {
  expectClean(await stopUnder({ redis: { url: redis.url } }, () => redis.kill()));
});
