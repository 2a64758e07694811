import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/cli/free-port.ts';
import { served } from '../http/served.ts';
import { startRedis } from '../servers/redis-server.ts';
import { CommandLine } from './command-line.ts';

const token = 'hunter2-hunter2-hunter2';

async function health(args: readonly string[], variables: Record<string, string> = {}) {
  const line = new CommandLine(['health', ...args], variables);
  const { code } = await line.ended;
  return { code, stdout: line.stdout, stderr: line.stderr };
}

/** A server that is none of ours. */
async function stranger(status: number, type: string, body: string): Promise<string> {
  const server = createServer((_, response) =>
    response.writeHead(status, { 'content-type': type }).end(body),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

test('a healthy service is 0', async () => {
  await using redis = await startRedis();
  const { url, understudy } = await served({ redis: { url: redis.url } });
  await understudy.cache.set('a', 1);
  await understudy.cache.get('a');
  expect(await health(['--url', url])).toEqual({
    code: 0,
    stdout: 'healthy: ready; Redis connected; 100.0 % hits of 1 requests\n',
    stderr: '',
  });
});

test('a degraded service is 0, as it is ready', async () => {
  const { url } = await served({ redis: { url: `redis://127.0.0.1:${await freePort()}` } });
  const { code, stdout } = await health(['--url', url]);
  expect(code).toBe(0);
  expect(stdout).toBe('degraded: ready; Redis not connected; 0.0 % hits of 0 requests\n');
});

test('--json prints the whole document', async () => {
  const { url } = await served();
  const { code, stdout } = await health(['--url', url, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'pass', healthy: true, stats: { hits: 0 }, checks: {} });
});

test('the environment says where, and the token is taken from a variable', async () => {
  const { url } = await served({ http: { token } });
  const { port } = new URL(url);
  const place = { UNDERSTUDY_HTTP_PORT: port, UNDERSTUDY_HTTP_HOST: '0.0.0.0' };
  expect(await health([], { ...place, UNDERSTUDY_HTTP_TOKEN: token })).toMatchObject({ code: 0 });
  expect(await health(['--token-env', 'MINE'], { ...place, MINE: token })).toMatchObject({ code: 0 });
  const refused = await health([], place);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain('401 authorization: expected the configured bearer token');
  const wrong = await health([], { ...place, UNDERSTUDY_HTTP_TOKEN: `${token}x` });
  expect(wrong.code).toBe(1);
  expect(wrong.stdout + wrong.stderr).not.toContain(token);
});

test('a service that is stopping is 1', async () => {
  const { url, understudy } = await served();
  await understudy.stop();
  expect(await health(['--url', url])).toMatchObject({ code: 1 });
});

test('nobody there is 1', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  expect(await health(['--url', url])).toEqual({
    code: 1,
    stdout: `unreachable: ${url}: ECONNREFUSED\n`,
    stderr: '',
  });
  const { code, stdout } = await health(['--url', url, '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({ state: 'unreachable', ready: false, url, reason: 'ECONNREFUSED' });
});

test.each([
  [200, 'text/html', '<html>'],
  [200, 'application/json', '"text"'],
  [404, 'application/json', '{}'],
  [200, 'application/json', '{"ready":true}'],
])('a stranger that answers %i %s %s is 1', async (status, type, body) => {
  const { code, stdout } = await health(['--url', await stranger(status, type, body)]);
  expect(code).toBe(1);
  expect(stdout).toContain('it is no Understudy service');
});
