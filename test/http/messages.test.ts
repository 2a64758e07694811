import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Envelope } from '../../src/runtime/envelope.ts';
import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';
import { defineActor } from '../../src/system/define-actor.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { served } from './served.ts';

let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis?.stop();
});

test('what is set by message is in Redis, and is got by message', async () => {
  const { post } = await served({ redis: { url: redis.url } });
  const set = await post({ type: 'cache.set', key: 'user:1', value: { name: 'Ada' }, ttl: '1h' });
  expect(set).toMatchObject({
    status: 200,
    body: { reply: { tier: 'redis', durable: true, degraded: false } },
  });
  expect(await redis.call('EXISTS', 'understudy:user:1')).toBe(1);
  const got = await post({ type: 'cache.get', key: 'user:1' });
  expect(got).toMatchObject({ status: 200, body: { reply: { name: 'Ada' } } });
  expect(got.type).toMatch(/^application\/json/);
});

test('a reply of null and no reply at all can be told apart', async () => {
  const { post } = await served();
  await post({ type: 'cache.set', key: 'nothing', value: null });
  expect((await post({ type: 'cache.get', key: 'nothing' })).body).toEqual({ reply: null });
  expect((await post({ type: 'cache.get', key: 'missing' })).body).toEqual({});
});

test.each([
  { type: 'cache.set', key: 'a', value: 1 },
  { type: 'cache.set', key: 'a', value: false, ttl: 5_000 },
  {
    type: 'cache.setMany',
    entries: [
      { key: 'a', value: 1 },
      { key: 'b', value: 2, ttl: '1m' },
    ],
    ttl: '5m',
  },
  { type: 'cache.get', key: 'a' },
  { type: 'cache.find', key: 'a' },
  { type: 'cache.has', key: 'a' },
  { type: 'cache.getMany', keys: ['a', 'b'] },
  { type: 'cache.delete', key: 'a' },
  { type: 'cache.deleteMany', keys: ['a', 'b'] },
  { type: 'cache.touch', key: 'a', ttl: '1m' },
  { type: 'cache.increment', key: 'n', by: 2, ttl: '1m' },
  { type: 'cache.clear', prefix: 'a' },
  { type: 'cache.keys', prefix: 'a', limit: 10 },
  { type: 'cache.acquire', key: 'a' },
  { type: 'cache.acquireMany', keys: ['a', 'c'] },
  { type: 'cache.fulfil', key: 'a', lease: 'none', value: 1 },
  { type: 'cache.abandon', key: 'a', lease: 'none' },
  { type: 'cache.stats' },
  { type: 'circuit-breaker.status' },
  { type: 'health.check' },
  { type: 'metrics.snapshot' },
  { type: 'metrics.count', name: 'clicks', by: 2, labels: { page: 'home' } },
  { type: 'metrics.observe', name: 'size', values: [1, 2] },
  { type: 'supervisor.tree' },
])('$type is answered', async (message) => {
  const { post } = await served({ redis: { url: redis.url } });
  expect(await post(message)).toMatchObject({ status: 200 });
});

test.each([
  { type: 'circuit-breaker.read', keys: ['a'] },
  { type: 'circuit-breaker.write', writes: [] },
  { type: 'circuit-breaker.replay', writes: [] },
  { type: 'circuit-breaker.clear', prefix: '', version: '' },
  { type: 'circuit-breaker.scan', prefix: '', count: 1 },
  { type: 'system.drain' },
  { type: 'cache.system.drain' },
  { type: 'supervisor.drain' },
  { type: 'cache.__proto__' },
  { type: 'cache.toString' },
  { type: 'toString.cache' },
  { type: '' },
])('$type is unknown to strangers', async (message) => {
  const { post, understudy } = await served({ redis: { url: redis.url } });
  expect(await post(message)).toMatchObject({ status: 404, body: { code: 'UNKNOWN_MESSAGE' } });
  const ask: (message: never) => Promise<unknown> = (message) => understudy.ask(message);
  await expect(ask(message as never)).rejects.toMatchObject({ code: 'UNKNOWN_MESSAGE' });
  const send: (message: never) => void = (message) => understudy.send(message);
  expect(() => send(message as never)).toThrow(expect.objectContaining({ code: 'UNKNOWN_MESSAGE' }));
});

test.each([
  [{ type: 'cache.get' }, 'key: expected a text, got nothing'],
  [{ type: 'cache.get', key: 5 }, 'key: expected a text, got a number'],
  [{ type: 'cache.get', key: null }, 'key: expected a text, got null'],
  [{ type: 'cache.get', key: 'a', kye: 1 }, 'kye: unknown field; did you mean key?'],
  [{ type: 'cache.get', key: 'a', zzzzz: 1 }, 'zzzzz: unknown field; expected one of type, key'],
  [{ type: 'cache.set', key: 'a' }, 'value: expected a value, got nothing'],
  [{ type: 'cache.set', key: 'a', value: 1, ttl: {} }, "ttl: expected milliseconds or a text like '5m'"],
  [{ type: 'cache.getMany', keys: 'a' }, 'keys: expected a list (each: a text), got a text'],
  [{ type: 'cache.getMany', keys: ['a', 7] }, 'keys.1: expected a text, got a number'],
  [{ type: 'cache.setMany', entries: [{ key: 'a' }] }, 'entries.0.value: expected a value, got nothing'],
  [{ type: 'cache.increment', key: 'a', by: '1' }, 'by: expected a number, got a text'],
  [{ type: 'metrics.count', name: 'n', labels: { a: 1 } }, 'labels.a: expected a text, got a number'],
  [[], 'message: expected an object with a type of the form <actor>.<verb>, got a list'],
  ['"text"', 'message: expected an object with a type of the form <actor>.<verb>, got a text'],
  [{}, 'type: expected a text of the form <actor>.<verb>, got nothing'],
  [{ type: 5 }, 'type: expected a text of the form <actor>.<verb>, got a number'],
])('%j is refused, naming the field', async (message, detail) => {
  const { post } = await served();
  const refused = await post(message);
  expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID_MESSAGE', retryable: false } });
  expect(refused.body).toHaveProperty('detail', expect.stringContaining(detail));
});

test.each([
  [{ type: 'cache.get', key: '' }, 'INVALID_KEY'],
  [{ type: 'cache.get', key: 'k'.repeat(1025) }, 'INVALID_KEY'],
  [{ type: 'cache.set', key: 'a', value: 1, ttl: -5 }, 'INVALID_TTL'],
  [{ type: 'cache.set', key: 'a', value: 1, ttl: '5 minutes' }, 'INVALID_TTL'],
  [{ type: 'cache.increment', key: 'a', by: 1.5 }, 'INVALID_VALUE'],
])('%j is refused by the actor, as from inside', async (message, code) => {
  const { post } = await served();
  expect(await post(message)).toMatchObject({ status: 400, body: { code } });
});

test('of a message with very many faults some are told, and soon', async () => {
  const { post } = await served({ http: { bodyLimit: 10_000_000 } });
  const names = Array.from({ length: 50_000 }, (_, at) => [`field${at}`, at]);
  const unknown = { type: 'cache.get', key: 'a', ...Object.fromEntries(names) };
  const wrong = { type: 'cache.getMany', keys: names.map(([, at]) => at) };
  for (const message of [unknown, wrong]) {
    const began = performance.now();
    const refused = await post(message);
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body).length).toBeLessThan(2_000);
    expect(performance.now() - began).toBeLessThan(2_000);
  }
});

test('no value of a refused message comes back', async () => {
  const { post } = await served();
  const secret = 'hunter2-hunter2';
  for (const message of [
    { type: 'cache.set', key: { nested: secret }, value: secret },
    { type: 'cache.set', key: 'a', value: secret, ttl: [secret] },
    { type: 'cache.setMany', entries: secret },
    { type: 'cache.setMany', entries: [secret] },
    { type: 'metrics.count', name: 'n', labels: secret },
    { type: 'cache.increment', key: 'a', by: secret },
    `{"type":"cache.set","value":"${secret}"`,
  ]) {
    const refused = await post(message);
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).not.toContain(secret);
  }
});

type Clicks = Protocol<{
  'clicks.add': { request: { page: string }; reply: number };
  'clicks.explode': { request: object; reply: undefined };
}>;

function clicks() {
  let count = 0;
  return {
    id: 'clicks',
    start: () => ({
      receive(envelope: Envelope<MessageOf<Clicks>>) {
        if (envelope.type === 'clicks.add') envelope.reply(++count);
        else envelope.fail(new Error('it held hunter2'));
      },
    }),
  };
}

test('a message of a host actor is let through as it is, and answered', async () => {
  const { post } = await served({ actors: [defineActor<Clicks>(clicks())] });
  expect(await post({ type: 'clicks.add', page: 'home' })).toMatchObject({ status: 200, body: { reply: 1 } });
  expect(await post({ type: 'clicks.add', anything: ['goes'] })).toMatchObject({ body: { reply: 2 } });
});

test('an error of a host actor is an internal one, whose text stays in the log', async () => {
  const { post, errors } = await served({ actors: [defineActor<Clicks>(clicks())] });
  const failed = await post({ type: 'clicks.explode' });
  expect(failed).toMatchObject({ status: 500, body: { code: 'INTERNAL' } });
  expect(JSON.stringify(failed.body)).not.toContain('hunter2');
  expect(errors).toEqual([
    expect.objectContaining({
      code: 'INTERNAL',
      err: expect.objectContaining({ message: 'it held hunter2' }),
    }),
  ]);
  expect(failed.body).toHaveProperty('instance', `urn:uuid:${Reflect.get(errors[0] ?? {}, 'requestId')}`);
});

test('what the last crash of a fallen actor said is not told', async () => {
  const fragile = defineActor<Clicks>({
    id: 'clicks',
    restart: 'temporary',
    start: () => ({
      receive: () => {
        throw new Error('it held hunter2');
      },
    }),
  });
  const { post, get } = await served({ actors: [fragile] });
  const crashed = await post({ type: 'clicks.add', page: 'home' });
  expect(crashed).toMatchObject({ status: 500, body: { code: 'ACTOR_CRASHED', retryable: true } });
  const refused = await post({ type: 'clicks.add', page: 'home' });
  expect(refused).toMatchObject({ status: 503, body: { code: 'ACTOR_UNAVAILABLE' } });
  const health = await get('/health');
  expect(health.body).toHaveProperty(['checks', 'actor:clicks', 0, 'status'], 'fail');
  expect(JSON.stringify([crashed.body, refused.body, health.body])).not.toContain('hunter2');
});

test('a host actor with schemas is sent only what fits them', async () => {
  const schemas = {
    'clicks.add': z.strictObject({ type: z.literal('clicks.add'), page: z.string() }),
    'clicks.explode': z.strictObject({ type: z.literal('clicks.explode') }),
  };
  const { post, understudy } = await served({ actors: [defineActor<Clicks>({ ...clicks(), schemas })] });
  expect(await post({ type: 'clicks.add', page: 'home' })).toMatchObject({ body: { reply: 1 } });
  expect(await post({ type: 'clicks.add', page: 5 })).toMatchObject({
    status: 400,
    body: { code: 'INVALID_MESSAGE', detail: 'clicks.add: page: expected a text, got a number' },
  });
  expect(await post({ type: 'clicks.remove' })).toMatchObject({
    status: 404,
    body: { code: 'UNKNOWN_MESSAGE' },
  });
  await expect(understudy.ask({ type: 'clicks.add', page: 'home' })).resolves.toBe(2);
});

test('the text of a schema that is not zod is not repeated, as it may quote the message', async () => {
  const schema = {
    '~standard': {
      validate: (value: unknown) => ({
        issues: [{ message: `not ${JSON.stringify(value)}`, path: ['page'] }],
      }),
    },
  };
  const schemas = { 'clicks.add': schema, 'clicks.explode': schema };
  const { post } = await served({ actors: [defineActor<Clicks>({ ...clicks(), schemas })] });
  const refused = await post({ type: 'clicks.add', page: 'hunter2' });
  expect(refused).toMatchObject({
    status: 400,
    body: { detail: 'clicks.add: not what its schema expects: page' },
  });
});

test('the deadline of a request is that of its header', async () => {
  const { post, understudy } = await served();
  await understudy.ask({ type: 'cache.acquire', key: 'k' });
  const began = performance.now();
  const late = await post({ type: 'cache.acquire', key: 'k' }, { 'understudy-deadline': '100' });
  expect(late).toMatchObject({ status: 504, body: { code: 'DEADLINE_EXCEEDED', retryable: true } });
  expect(performance.now() - began).toBeLessThan(450);
});

test.each(['0', '-1', 'soon', '1.5', '60001', '99999999999'])(
  'a deadline of %s is refused',
  async (deadline) => {
    const { post } = await served();
    const refused = await post({ type: 'cache.get', key: 'a' }, { 'understudy-deadline': deadline });
    expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID_OPTION' } });
  },
);
