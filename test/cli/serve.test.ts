import { createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { freePort } from '../../src/cli/free-port.ts';
import { RawRequest } from '../http/raw-request.ts';
import { answer } from '../http/served.ts';
import { startRedis } from '../servers/redis-server.ts';
import { CommandLine, serving } from './command-line.ts';

const NO_REDIS = { UNDERSTUDY_REDIS_URL: 'none' };
const JSON_BODY = { 'content-type': 'application/json' };

function post(url: string, message: object) {
  return answer(`${url}/v1/messages`, { method: 'POST', headers: JSON_BODY, body: JSON.stringify(message) });
}

test('it serves, says once where it listens, and stops with 0 when it is told to', async () => {
  await using redis = await startRedis();
  const { line, url } = await serving({ UNDERSTUDY_REDIS_URL: redis.url });
  expect(await post(url, { type: 'cache.set', key: 'a', value: 1 })).toMatchObject({
    body: { reply: { durable: true } },
  });
  expect(await redis.call('EXISTS', 'understudy:a')).toBe(1);
  expect(line.log.filter(({ msg }) => msg === `listening on ${url}`)).toHaveLength(1);
  line.signal('SIGTERM');
  expect(await line.ended).toEqual({ code: 0, signal: null });
  expect(line.log.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['draining', 'stopped']));
  expect(line.stderr).toBe('');
});

test('without any Redis it serves from memory and says so once; it takes Redis on when it appears', async () => {
  await using redis = await startRedis();
  await redis.kill();
  const { line, url } = await serving({ UNDERSTUDY_REDIS_URL: redis.url });
  expect(await post(url, { type: 'cache.set', key: 'a', value: 1 })).toMatchObject({
    body: { reply: { tier: 'memory', degraded: true, durable: false } },
  });
  expect(await post(url, { type: 'cache.get', key: 'a' })).toMatchObject({ body: { reply: 1 } });
  await redis.restart();
  await vi.waitFor(async () => {
    expect(await answer(`${url}/health`)).toMatchObject({ body: { state: 'healthy', connected: true } });
  }, 10_000);
  await vi.waitFor(async () => expect(await redis.call('EXISTS', 'understudy:a')).toBe(1));
  expect(line.log.filter(({ msg }) => msg.startsWith('Redis is out'))).toHaveLength(1);
});

test('without an address of Redis it looks for one on this machine', async () => {
  const line = new CommandLine(['serve', '--print-config']);
  expect(await line.ended).toEqual({ code: 0, signal: null });
  expect(JSON.parse(line.stdout)).toMatchObject({
    redis: { url: 'redis://127.0.0.1:6379' },
    http: { host: '127.0.0.1', port: 8377 },
    log: { level: 'info' },
  });
});

test('--print-config masks secrets', async () => {
  const secret = 'hunter2-hunter2-hunter2';
  const line = new CommandLine(['serve', '--print-config'], {
    UNDERSTUDY_REDIS_URL: `rediss://user:${secret}@cache.internal:6380/1`,
    UNDERSTUDY_HTTP_TOKEN: secret,
  });
  expect(await line.ended).toEqual({ code: 0, signal: null });
  expect(JSON.parse(line.stdout)).toMatchObject({
    redis: { url: 'rediss://***@cache.internal:6380/1' },
    http: { token: '***' },
  });
  expect(line.stdout + line.stderr).not.toContain(secret);
});

test('a bad configuration is told whole, without a stack, and ends with 2', async () => {
  const line = new CommandLine(['serve'], {
    UNDERSTUDY_HTTP_PORT: 'http',
    UNDERSTUDY_MEMORY_MAX_ENTRYS: '5',
    UNDERSTUDY_REDIS_URL: 'localhost',
    UNDERSTUDY_HTTP_TOKEN: 'hunter2',
  });
  expect(await line.ended).toEqual({ code: 2, signal: null });
  expect(line.stderr.split('\n')).toEqual([
    'understudy: Invalid configuration:',
    '- UNDERSTUDY_MEMORY_MAX_ENTRYS: unknown variable; did you mean UNDERSTUDY_MEMORY_MAX_ENTRIES?',
    expect.stringContaining('- redis.url (UNDERSTUDY_REDIS_URL): expected redis://'),
    expect.stringContaining('- http.port (UNDERSTUDY_HTTP_PORT): expected a whole number'),
    expect.stringContaining(
      '- http.token (UNDERSTUDY_HTTP_TOKEN): expected at least 16 visible ASCII characters',
    ),
    '',
  ]);
  expect(line.stdout).toBe('');
});

test('it does not listen beyond loopback without a token', async () => {
  const line = new CommandLine(['serve'], { ...NO_REDIS, UNDERSTUDY_HTTP_HOST: '0.0.0.0' });
  expect(await line.ended).toEqual({ code: 2, signal: null });
  expect(line.stderr).toContain('http.token (UNDERSTUDY_HTTP_TOKEN): expected a token');
});

test('a port that is taken is told, and ends with 1', async () => {
  const squatter = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
  try {
    const line = new CommandLine(['serve'], { ...NO_REDIS, UNDERSTUDY_HTTP_PORT: String(port) });
    expect(await line.ended).toEqual({ code: 1, signal: null });
    expect(line.stderr).toBe(
      `understudy: port ${port} of 127.0.0.1 is taken; name another by UNDERSTUDY_HTTP_PORT\n`,
    );
  } finally {
    squatter.close();
  }
});

test('it is alive before Redis has answered, and ready when it was found missing', async () => {
  // Takes connections and says nothing.
  const mute = createServer();
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const address = mute.address();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  try {
    const line = new CommandLine(['serve'], {
      UNDERSTUDY_HTTP_PORT: String(port),
      UNDERSTUDY_REDIS_URL: `redis://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
      UNDERSTUDY_REDIS_CONNECT_TIMEOUT: '1500',
      UNDERSTUDY_REDIS_COMMAND_TIMEOUT: '1500',
    });
    const seen = new Set<number>();
    await vi.waitFor(
      async () => {
        expect(await answer(`${url}/livez`)).toMatchObject({ status: 200 });
        const { status } = await answer(`${url}/readyz`);
        seen.add(status);
        expect(status).toBe(200);
      },
      { timeout: 10_000, interval: 20 },
    );
    expect([...seen]).toEqual([503, 200]);
    expect(line.stderr).toBe('');
  } finally {
    mute.close();
  }
});

test('a request that has begun is refused while it drains, and a second signal ends it at once', async () => {
  const { line, url } = await serving(NO_REDIS);
  const body = JSON.stringify({ type: 'cache.has', key: 'a' });
  const head = `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  const late = new RawRequest(url).send(head);
  const probe = new RawRequest(url).send('GET /readyz HTTP/1.1\r\nhost: localhost');
  const never = new RawRequest(url).send(head);
  const all = [late, probe, never];
  await vi.waitFor(() => expect(all.every(({ socket }) => socket.readyState === 'open')).toBe(true));
  // By the time that another request was answered, what was sent before it has been read.
  await answer(`${url}/livez`);
  line.signal('SIGTERM');
  await vi.waitFor(() => expect(line.log.map(({ msg }) => msg)).toContain('draining'));
  late.send(`\r\n\r\n${body}`);
  probe.send('\r\n\r\n');
  await Promise.all([late.closed, probe.closed]);
  for (const { received } of [late, probe]) {
    expect(received).toMatch(/^HTTP\/1.1 503 .*retry-after: \d.*STOPPING/s);
  }
  const again = setInterval(() => line.signal('SIGTERM'), 20);
  expect(await line.ended).toEqual({ code: 143, signal: null });
  clearInterval(again);
});

test('a repeat of the signal right after the first is an echo', async () => {
  const { line } = await serving(NO_REDIS);
  line.signal('SIGINT');
  line.signal('SIGTERM');
  expect(await line.ended).toEqual({ code: 0, signal: null });
});
