import { expect, test } from 'vitest';
import { served } from '../http/served.ts';
import { compression, large } from './packed-systems.ts';

test('over HTTP a value is what JSON makes of it', async () => {
  const { understudy, post } = await served({ codec: 'json' });
  await understudy.cache.set('a', {
    at: new Date(0),
    by: new Map([['one', 1n]]),
    ids: new Set([1]),
    bytes: Buffer.from('hello'),
    words: new Uint16Array([1]),
    pattern: /a/g,
    failed: Object.assign(new Error('no'), { code: 7 }),
    none: Number.NaN,
  });
  const value = {
    at: '1970-01-01T00:00:00.000Z',
    by: [['one', '1']],
    ids: [1],
    bytes: 'aGVsbG8=',
    words: 'AQA=',
    pattern: '/a/g',
    failed: { name: 'Error', message: 'no', code: 7 },
    none: null,
  };
  expect((await post({ type: 'cache.get', key: 'a' })).body).toEqual({ reply: value });
  expect((await post({ type: 'cache.find', key: 'a' })).body).toMatchObject({
    reply: { found: true, value },
  });
  expect((await post({ type: 'cache.getMany', keys: ['a'] })).body).toEqual({ reply: [['a', value]] });
  expect((await post({ type: 'cache.acquire', key: 'a' })).body).toMatchObject({
    reply: { found: true, value },
  });
});

test('what is opened aside is answered in every reply that holds values', async () => {
  const { understudy, post } = await served({ compression });
  await understudy.cache.set('a', large('x'), { ttl: 60_000, grace: 60_000 });
  const value = { ...large('x'), at: '1970-01-01T00:00:00.000Z' };
  const found = { found: true, value };
  expect((await post({ type: 'cache.get', key: 'a' })).body).toEqual({ reply: value });
  expect((await post({ type: 'cache.find', key: 'a' })).body).toMatchObject({ reply: found });
  expect((await post({ type: 'cache.getMany', keys: ['a', 'b'] })).body).toEqual({ reply: [['a', value]] });
  expect((await post({ type: 'cache.acquire', key: 'a', stale: 'now', timing: true })).body).toMatchObject({
    reply: found,
  });
  const many = await post({ type: 'cache.acquireMany', keys: ['a', 'b'] });
  expect(many.body).toMatchObject({ reply: [found, { found: false, lease: expect.any(String) }] });
  const lease = (many.body as { reply: { lease: string }[] }).reply[1]?.lease;
  const waiting = post({ type: 'cache.acquire', key: 'b' });
  await post({ type: 'cache.fulfil', key: 'b', lease, value });
  expect((await waiting).body).toMatchObject({ reply: found });
  const renewed = await post({ type: 'cache.acquire', key: 'a', stale: 'now', renew: true });
  expect(renewed.body).toMatchObject({ reply: { lease: expect.any(String), stale: { value } } });
});

test('a value that contains itself cannot be answered, and says so', async () => {
  const { understudy, post } = await served({ codec: 'structured' });
  const value: Record<string, unknown> = {};
  value.self = value;
  await understudy.cache.set('a', value);
  expect(await post({ type: 'cache.get', key: 'a' })).toMatchObject({
    status: 400,
    body: { code: 'INVALID_VALUE' },
  });
});
