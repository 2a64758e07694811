import { expect, test, vi } from 'vitest';
import { freePort } from '../../src/cli/free-port.ts';
import { startRedis } from '../servers/redis-server.ts';
import { RawRequest } from './raw-request.ts';
import { served } from './served.ts';

test('with Redis up all is well', async () => {
  await using redis = await startRedis();
  const { get, understudy } = await served({ redis: { url: redis.url } });
  await understudy.cache.set('a', 1);
  await understudy.cache.get('a');
  await understudy.cache.get('b');
  expect(await get('/livez')).toMatchObject({ status: 200, body: { status: 'alive' } });
  expect(await get('/readyz')).toMatchObject({ status: 200, body: { status: 'ready', state: 'healthy' } });
  const health = await get('/health');
  expect(health.type).toMatch(/^application\/health\+json/);
  expect(health.headers.get('cache-control')).toBe('no-store');
  expect(health).toMatchObject({
    status: 200,
    body: {
      status: 'pass',
      state: 'healthy',
      ready: true,
      healthy: true,
      connected: true,
      circuit_breaker_open: false,
      stats: { hits: 1, misses: 1, hit_rate: 0.5, total_requests: 2 },
      checks: {
        'redis:connection': [{ componentType: 'datastore', status: 'pass', observedValue: 'closed' }],
        'cache:hit_rate': [{ status: 'pass', observedValue: 0.5 }],
        'memory:entries': [{ status: 'pass', observedValue: 1, observedUnit: 'entries' }],
        'journal:entries': [{ status: 'pass', observedValue: 0 }],
        'actor:cache': [{ status: 'pass', observedValue: 'up' }],
        'actor:circuit-breaker': [{ status: 'pass', observedValue: 'up' }],
      },
    },
  });
});

test('with Redis down it is ready and warns', async () => {
  const { get, understudy } = await served({ redis: { url: `redis://127.0.0.1:${await freePort()}` } });
  await understudy.cache.set('a', 1);
  expect(await get('/readyz')).toMatchObject({ status: 200, body: { state: 'degraded' } });
  expect(await get('/health')).toMatchObject({
    status: 200,
    body: {
      status: 'warn',
      healthy: false,
      ready: true,
      connected: false,
      circuit_breaker_open: true,
      checks: {
        'redis:connection': [{ status: 'warn', observedValue: 'open' }],
        'journal:entries': [{ status: 'warn', observedValue: 1 }],
      },
    },
  });
});

test('until Redis has answered or was found missing it is alive and not ready', async () => {
  const reached = Promise.withResolvers<void>();
  const { get } = await served({ reached: reached.promise });
  expect(await get('/livez')).toMatchObject({ status: 200 });
  const early = await get('/readyz');
  expect(early).toMatchObject({ status: 503, body: { code: 'STARTING', retryable: true } });
  expect(early.headers.get('retry-after')).toMatch(/^\d+$/);
  reached.resolve();
  await vi.waitFor(async () => expect(await get('/readyz')).toMatchObject({ status: 200 }));
});

test('overloaded it is alive and not ready', async () => {
  const { get, post, understudy } = await served({ mailbox: { capacity: 10 } });
  await understudy.ask({ type: 'cache.acquire', key: 'k' });
  const waiting = Array.from({ length: 10 }, () =>
    understudy.ask({ type: 'cache.acquire', key: 'k' }, { deadline: 5_000 }).catch(() => 'late'),
  );
  const refused = await get('/readyz');
  expect(refused).toMatchObject({ status: 503, body: { code: 'OVERLOADED' } });
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  expect(await get('/livez')).toMatchObject({ status: 200 });
  expect(await post({ type: 'cache.get', key: 'a' })).toMatchObject({
    status: 503,
    body: { code: 'OVERLOADED' },
  });
  await understudy.cache.set('k', 1).catch(() => 'refused');
  await understudy.stop();
  await Promise.all(waiting);
});

test('draining it is alive, not ready, and takes no more messages', async () => {
  const { get, post, face } = await served();
  face.drain();
  expect(await get('/livez')).toMatchObject({ status: 200 });
  for (const refused of [await get('/readyz'), await post({ type: 'cache.get', key: 'a' })]) {
    expect(refused).toMatchObject({ status: 503, body: { code: 'STOPPING', retryable: true } });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(refused.headers.get('connection')).toBe('close');
  }
});

test('a stopped system is unavailable', async () => {
  const { get, understudy } = await served();
  await understudy.stop();
  expect(await get('/livez')).toMatchObject({ status: 200 });
  expect(await get('/readyz')).toMatchObject({ status: 503 });
  expect(await get('/health')).toMatchObject({ status: 503 });
});

test('what is under way when the server closes is answered, and then nobody is', async () => {
  const { url, face, understudy } = await served();
  const lease = await understudy.ask({ type: 'cache.acquire', key: 'k' });
  const body = JSON.stringify({ type: 'cache.acquire', key: 'k' });
  const head = 'POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
  const waiting = new RawRequest(url).send(`${head}content-length: ${body.length}\r\n\r\n${body}`);
  await vi.waitFor(async () => {
    const tree = await understudy.ask({ type: 'supervisor.tree' });
    expect(tree.children.find(({ id }) => id === 'cache')?.depth).toBe(1);
  });
  const closed = face.close();
  if (!('lease' in lease)) throw new Error('expected a lease');
  await understudy.ask({ type: 'cache.fulfil', key: 'k', lease: lease.lease, value: 'loaded' });
  await Promise.all([closed, waiting.closed]);
  expect(waiting.received).toMatch(/^HTTP\/1.1 200 .*"loaded"/s);
  await expect(fetch(`${url}/livez`)).rejects.toThrow('fetch failed');
});

test('a request that ends while the server closes is refused in the form of all others', async () => {
  const { url, face, get } = await served();
  const late = new RawRequest(url).send('GET /readyz HTTP/1.1\r\nhost: a\r\n');
  await vi.waitFor(() => expect(late.socket.readyState).toBe('open'));
  await get('/livez');
  const closed = face.close();
  late.send('\r\n');
  await Promise.all([closed, late.closed]);
  expect(late.received).toMatch(/^HTTP\/1.1 503 .*urn:understudy:error:STOPPING/s);
});

test('a client that does not end its request is cut when the server closes', async () => {
  const { url, face } = await served({ limits: { farewell: 50 } });
  const slow = new RawRequest(url).send(
    'POST /v1/messages HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n',
  );
  await vi.waitFor(() => expect(slow.socket.readyState).toBe('open'));
  await face.close();
  await slow.closed;
  expect(slow.socket.destroyed).toBe(true);
});
