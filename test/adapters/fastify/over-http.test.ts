import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fastify } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { routeCache } from '../../../src/adapters/fastify/route-cache.ts';
import { SuiteRedis, understudies } from '../../cache/systems.ts';
import { ask, cachedApp } from './cached-app.ts';

const redis = new SuiteRedis();
const start = understudies();
const cache = { ttl: '1m' };
const get = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { headers, signal: AbortSignal.timeout(10_000) });

test('two servers on one Redis: bytes, fields and 304 as they are on the wire', async () => {
  const bytes = randomBytes(100_000);
  const runs: string[] = [];
  const listen = async (name: string) => {
    const app = await cachedApp(await start(redis.options));
    app.get('/image', { config: { cache } }, async (_request, reply) => {
      runs.push(name);
      return reply.type('image/png').header('cache-control', 'max-age=30').send(bytes);
    });
    return app.listen({ host: '127.0.0.1', port: 0 });
  };
  const [one, other] = [await listen('one'), await listen('other')];
  const host = 'images.example';
  // Both are asked for the same host, as they are behind one name.
  const rawGet = (url: string, more = '') =>
    raw(url, `GET /image HTTP/1.1\r\nhost: ${host}\r\n${more}connection: close\r\n\r\n`);
  const first = await rawGet(one);
  const second = await rawGet(other);
  expect(runs).toEqual(['one']);
  expect(second.body.equals(bytes) && first.body.equals(bytes)).toBe(true);
  expect(first.head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(first.head).toMatch(/cache-status: understudy; fwd=uri-miss; stored\r\n/);
  for (const field of [
    /age: 0\r\n/,
    /content-type: image\/png\r\n/,
    /content-length: 100000\r\n/,
    /cache-status: understudy; hit; ttl=(29|30)\r\n/,
  ])
    expect(second.head).toMatch(field);
  // A field is told once.
  expect(second.head.match(/^date:/gim)).toHaveLength(1);
  const etag = /etag: (.*)\r\n/.exec(second.head)?.[1] ?? 'none';
  const known = await rawGet(one, `if-none-match: ${etag}\r\n`);
  expect(known.head).toMatch(/^HTTP\/1\.1 304 Not Modified\r\n/);
  expect(known.head).not.toMatch(/content-(type|length)/);
  expect(known.head).toMatch(/cache-control: max-age=30\r\n/);
  expect(known.body).toHaveLength(0);
});

/** What a server sends, byte by byte. */
async function raw(url: string, request: string): Promise<{ head: string; body: Buffer }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.write(request);
  await once(socket, 'close');
  const all = Buffer.concat(chunks);
  const at = all.indexOf('\r\n\r\n');
  return { head: all.subarray(0, at + 2).toString('latin1'), body: all.subarray(at + 4) };
}

test('a reply that bypasses the framework gives its lease back', async () => {
  const app = await cachedApp(await start());
  let runs = 0;
  app.get('/raw', { config: { cache } }, (_request, reply) => {
    reply.hijack();
    reply.raw.end(`run ${++runs}`);
  });
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/raw`;
  const bodies = [await get(url), await get(url)].map((response) => response.text());
  expect(await Promise.all(bodies)).toEqual(['run 1', 'run 2']);
});

test('a client that leaves does not keep its reply from the others', async () => {
  const app = await cachedApp(await start());
  const replies: ((text: string) => void)[] = [];
  app.get('/slow', { config: { cache } }, () => new Promise<string>((resolve) => replies.push(resolve)));
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/slow`;
  const leaving = new AbortController();
  const left = fetch(url, { signal: leaving.signal }).catch((error: unknown) => error);
  await expect.poll(() => replies.length).toBe(1);
  const stays = get(url);
  leaving.abort();
  await left;
  replies[0]?.('made once');
  expect(await (await stays).text()).toBe('made once');
  expect(replies).toHaveLength(1);
});

test('a route that was declared too early says so instead of never being cached', async () => {
  const app = fastify();
  onTestFinished(() => app.close());
  void app.register(routeCache, { understudy: await start() });
  app.get('/early', { config: { cache } }, async () => 'early');
  const seen = await ask(app, '/early');
  expect(seen).toMatchObject({ status: 500, body: expect.stringContaining('await that first') });
});

test('it is for the application that registers it, and those below', async () => {
  const app = fastify();
  onTestFinished(() => app.close());
  const understudy = await start();
  await app.register(async (child) => {
    await child.register(routeCache, { understudy });
    await child.register(async (grandchild) => {
      grandchild.get('/below', { config: { cache } }, async () => 'below');
    });
  });
  app.get('/beside', { config: { cache } }, async () => 'beside');
  await ask(app, '/below');
  expect((await ask(app, '/below')).cache).toBe('hit');
  expect((await ask(app, '/beside')).cache).toBe('none');
});
