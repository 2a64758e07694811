import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { PrivateRedis, type PrivateRedisOptions } from '../../src/cli/private-redis.ts';
import { RedisReplyError, redisCall } from '../../src/cli/redis-socket.ts';
import { isAlive } from './process-state.ts';

const started: PrivateRedis[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((redis) => redis.stop()));
});

async function start(options?: PrivateRedisOptions): Promise<PrivateRedis> {
  const redis = await PrivateRedis.start(options);
  started.push(redis);
  return redis;
}

test('answers on its port of 127.0.0.1 and keeps nothing on disk', async () => {
  const redis = await start();
  expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
  expect(await redisCall(redis.port, ['PING'])).toBe('PONG');
  expect(await redis.call('CONFIG', 'GET', 'save')).toEqual(['save', '']);
  expect(await redis.call('CONFIG', 'GET', 'appendonly')).toEqual(['appendonly', 'no']);
});

test('several start at once, each with its own port, process and directory', async () => {
  const servers = await Promise.all([start(), start(), start()]);
  for (const own of ['port', 'pid', 'directory'] as const) {
    expect(new Set(servers.map((server) => server[own])).size).toBe(3);
  }
});

test('frozen it hangs, thawed it answers what it was asked meanwhile', async () => {
  const redis = await start();
  await redis.freeze();
  await expect(redisCall(redis.port, ['PING'], { timeoutMs: 100 })).rejects.toThrow('No reply');
  const late = redisCall(redis.port, ['PING']);
  await redis.thaw();
  expect(await late).toBe('PONG');
});

test('killed, even frozen, it is gone; restarted it is back empty on the same port', async () => {
  const redis = await start();
  const { port, pid } = redis;
  await redis.call('SET', 'k', 'v');
  await redis.freeze();
  await redis.kill();
  expect(isAlive(pid)).toBe(false);
  expect(redis.running).toBe(false);
  await expect(redisCall(port, ['PING'])).rejects.toThrow('ECONNREFUSED');
  await redis.restart();
  expect(redis.port).toBe(port);
  expect(redis.pid).not.toBe(pid);
  expect(await redisCall(port, ['EXISTS', 'k'])).toBe(0);
});

test('restarts with other arguments and the data that was saved', async () => {
  const redis = await start();
  await redis.call('SET', 'k', 'v');
  await redis.call('SAVE');
  await redis.restart({ args: ['--maxmemory', '5mb'] });
  expect(await redis.call('GET', 'k')).toBe('v');
  expect(await redis.call('CONFIG', 'GET', 'maxmemory')).toEqual(['maxmemory', String(5 * 1024 * 1024)]);
});

test('counts as listening while it still loads, but not as ready', async () => {
  const redis = await start({ args: ['--enable-debug-command', 'yes'] });
  await redis.call('DEBUG', 'POPULATE', 8_000);
  await redis.call('SAVE');
  const slowLoad = ['--key-load-delay', '50', '--loading-process-events-interval-bytes', '1024'];
  await redis.restart({ args: slowLoad, ready: 'listening' });
  await expect(redis.call('DBSIZE')).rejects.toThrow(/^LOADING/);
  await redis.restart({ args: slowLoad, ready: 'pong' });
  expect(await redis.call('DBSIZE')).toBe(8_000);
});

test('a password is needed on its port, and used by its own calls', async () => {
  const redis = await start({ password: 'canary' });
  expect(await redis.call('PING')).toBe('PONG');
  await expect(redisCall(redis.port, ['PING'])).rejects.toThrow(RedisReplyError);
  expect(await redisCall(redis.port, ['PING'], { password: 'canary' })).toBe('PONG');
});

test('stop ends even a frozen server, removes its directory, and may be called again', async () => {
  const redis = await start();
  await redis.freeze();
  await redis.stop();
  await redis.stop();
  expect(isAlive(redis.pid)).toBe(false);
  expect(existsSync(redis.directory)).toBe(false);
  await expect(redis.restart()).rejects.toThrow('stopped for good');
  await expect(redis.freeze()).rejects.toThrow('has ended');
});

test('a directive that Redis refuses is an error with its last words, without the directive', async () => {
  const failed = PrivateRedis.start({ args: ['--no-such-directive', 'canary'] });
  await expect(failed).rejects.toThrow('Bad directive');
  await expect(failed).rejects.not.toThrow('canary');
});

test.for(['process.kill(process.pid, "SIGKILL")', 'throw new Error("crash")', 'undefined'])(
  'is gone when the process that started it ends by: %s',
  async (ending) => {
    const module = fileURLToPath(new URL('../../src/cli/private-redis.ts', import.meta.url));
    const program = `
      const { PrivateRedis } = await import(${JSON.stringify(module)});
      const { port, directory } = await PrivateRedis.start();
      await new Promise((written) => process.stdout.write(JSON.stringify({ port, directory }), written));
      ${ending};`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [output] = await once(parent.stdout, 'data');
    const { port, directory } = JSON.parse(String(output));
    expect(port).toBeGreaterThan(0);
    await expect
      .poll(() => redisCall(port, ['PING']).catch(String), { timeout: 5000 })
      .toContain('ECONNREFUSED');
    await expect.poll(() => existsSync(directory), { timeout: 5000 }).toBe(false);
  },
);
