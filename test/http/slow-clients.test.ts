import { expect, test, vi } from 'vitest';
import { RawRequest } from './raw-request.ts';
import { served } from './served.ts';

const HEAD = 'POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';

test('a request that does not arrive whole in time is answered so, and cut off', async () => {
  const { url, get } = await served({ limits: { request: 200, check: 50 } });
  const withoutHead = new RawRequest(url).send('POST /v1/mess');
  const withoutBody = new RawRequest(url).send(`${HEAD}content-length: 100\r\n\r\n{"type":`);
  expect(await get('/livez')).toMatchObject({ status: 200 });
  await Promise.all([withoutHead.closed, withoutBody.closed]);
  expect(withoutHead.received).toMatch(/^HTTP\/1.1 408 .*REQUEST_TIMEOUT/s);
});

test('a connection without traffic is closed', async () => {
  const { url } = await served({ limits: { silence: 200, keepAlive: 100, request: 60_000 } });
  const silent = new RawRequest(url);
  await silent.closed;
  expect(silent.received).toBe('');
  const idle = new RawRequest(url).send('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n');
  await idle.closed;
  expect(idle.received).toMatch(/^HTTP\/1.1 200 /);
});

test('clients that hang up in the middle harm nobody', async () => {
  const { url, post, errors } = await served();
  const body = JSON.stringify({ type: 'cache.set', key: 'a', value: 'v'.repeat(10_000) });
  for (let cut = 1; cut < 40; cut++) {
    const request = `${HEAD}content-length: ${body.length}\r\n\r\n${body}`;
    const raw = new RawRequest(url).send(request.slice(0, Math.floor((request.length * cut) / 40)));
    raw.socket.resetAndDestroy();
  }
  expect(await post({ type: 'cache.has', key: 'b' })).toMatchObject({ status: 200, body: { reply: false } });
  expect(errors).toEqual([]);
});

test('a client that never reads what it asked for keeps nobody waiting', async () => {
  const { url, post, understudy } = await served();
  await understudy.cache.set('big', 'v'.repeat(500_000));
  const body = JSON.stringify({ type: 'cache.get', key: 'big' });
  const request = `${HEAD}content-length: ${body.length}\r\n\r\n${body}`;
  const deaf = new RawRequest(url);
  deaf.socket.pause();
  deaf.send(request.repeat(20));
  await vi.waitFor(async () => expect((await understudy.health()).stats.hits).toBeGreaterThan(0));
  const began = performance.now();
  expect(await post({ type: 'cache.has', key: 'big' })).toMatchObject({ body: { reply: true } });
  expect(performance.now() - began).toBeLessThan(1_000);
});

test('more connections than there may be are turned away', async () => {
  const { url } = await served({ limits: { connections: 2 } });
  const kept = [new RawRequest(url), new RawRequest(url)];
  const ask = 'GET /livez HTTP/1.1\r\nhost: a\r\n\r\n';
  for (const one of kept) one.send(ask);
  await vi.waitFor(() => expect(kept.every((one) => one.received.includes('200'))).toBe(true));
  const turned = new RawRequest(url).send(ask);
  await turned.closed;
  expect(turned.received).toBe('');
});
