import { expect, test } from 'vitest';
import { answer } from '../http/served.ts';
import { startRedis } from '../servers/redis-server.ts';
import { serving } from './command-line.ts';

/** A client that knows nothing but HTTP and JSON. */
async function ask(url: string, message: object, deadline = 10_000): Promise<Record<string, unknown>> {
  const { status, body } = await answer(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'understudy-deadline': String(deadline) },
    body: JSON.stringify(message),
  });
  expect(status).toBe(200);
  return Object(Reflect.get(Object(body), 'reply'));
}

async function twoServices(url: string): Promise<[string, string]> {
  // A busy machine must not look like a Redis that is out.
  const variables = { UNDERSTUDY_REDIS_URL: url, UNDERSTUDY_REDIS_COMMAND_TIMEOUT: '5000' };
  const here = await serving(variables);
  const there = await serving(variables);
  return [here.url, there.url];
}

/** `getOrSet` as a client in any language would write it. */
async function getOrLoad(url: string, key: string, load: () => Promise<unknown>): Promise<unknown> {
  const asked = await ask(url, { type: 'cache.acquire', key });
  if (asked.found === true) return asked.value;
  const { lease } = asked;
  const value = await load();
  await ask(url, { type: 'cache.fulfil', key, lease, value });
  return value;
}

test('of the clients of two services, one loads a cold key', { timeout: 30_000 }, async () => {
  await using redis = await startRedis();
  const urls = await twoServices(redis.url);
  let loads = 0;
  const load = async () => {
    loads++;
    return { loaded: true };
  };
  const asked = Array.from({ length: 40 }, (_, at) => getOrLoad(urls[at % 2 ? 0 : 1], 'cold', load));
  expect(new Set((await Promise.all(asked)).map((value) => JSON.stringify(value)))).toEqual(
    new Set(['{"loaded":true}']),
  );
  expect(loads).toBe(1);
});

test('a lease of one service is handed to a client of the other, and is void after a deletion there', {
  timeout: 30_000,
}, async () => {
  await using redis = await startRedis();
  const [here, there] = await twoServices(redis.url);
  const first = await ask(here, { type: 'cache.acquire', key: 'k' });
  expect(first).toMatchObject({ found: false, tier: 'redis', lease: expect.any(String) });
  const waiting = ask(there, { type: 'cache.acquire', key: 'k' });
  expect(await ask(here, { type: 'cache.abandon', key: 'k', lease: first.lease })).toEqual({
    abandoned: true,
  });
  const next = await waiting;
  expect(next).toMatchObject({ found: false, lease: expect.any(String) });

  await ask(here, { type: 'cache.delete', key: 'k' });
  const outdated = { type: 'cache.fulfil', key: 'k', lease: next.lease, value: 'outdated' };
  expect(await ask(there, outdated)).toMatchObject({ stored: false });
  expect(await ask(here, { type: 'cache.find', key: 'k' })).toMatchObject({ found: false });
});
