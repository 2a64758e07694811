import { expect, test } from 'vitest';
import { createTestUnderstudy } from '../../src/testing/index.ts';
import { switchedCaches } from '../cache/switched-cache.ts';
import { SuiteRedis } from '../cache/systems.ts';

const redis = new SuiteRedis();
const start = switchedCaches();
const namespaces = { users: {} };

test('what is invalidated while Redis is out is invalidated in Redis afterwards', async () => {
  const { port } = redis.server;
  const [one, other] = [await start({ port, namespaces }), await start({ port, namespaces })];
  await one.cache.setMany(
    [
      ['a', 1],
      ['b', 2],
    ],
    { tags: ['red'] },
  );
  await one.cache.set('users:1', 1);
  await other.cache.getMany(['a', 'b', 'users:1']);
  one.down();
  expect(await one.cache.invalidateTags('red')).toMatchObject({
    degraded: true,
    durable: false,
    tier: 'memory',
  });
  await one.cache.clear('users:');
  expect(await one.cache.getMany(['a', 'b', 'users:1'])).toEqual(new Map());
  await one.cache.set('b', 'new', { tags: ['red'] });
  await one.cache.increment('users:n', 2);
  expect(await one.cache.getMany(['b', 'users:n'])).toEqual(
    new Map<string, unknown>([
      ['b', 'new'],
      ['users:n', 2],
    ]),
  );
  // Redis knows nothing of it yet.
  expect((await other.cache.getMany(['a', 'b', 'users:1'])).size).toBe(3);
  await one.up();
  const after = new Map<string, unknown>([
    ['b', 'new'],
    ['users:n', 2],
  ]);
  expect(await other.cache.getMany(['a', 'b', 'users:1', 'users:n'])).toEqual(after);
  expect(await one.cache.getMany(['a', 'b', 'users:1', 'users:n'])).toEqual(after);
});

test('what was stored while Redis was out gives way to an invalidation that came after it', async () => {
  const { port } = redis.server;
  const [one, other] = [await start({ port }), await start({ port })];
  one.down();
  await one.cache.set('a', 'old', { tags: ['red'] });
  await other.cache.invalidateTags('red');
  await one.up();
  expect(await one.cache.get('a')).toBeUndefined();
  expect(await other.cache.get('a')).toBeUndefined();
});

test('invalidations that find no room in the journal are not lost', async () => {
  const { port } = redis.server;
  const [one, other] = [
    await start({ port, journal: { maxEntries: 4 }, namespaces }),
    await start({ port, namespaces }),
  ];
  await one.cache.set('a', 1, { tags: ['tag 7'] });
  await one.cache.set('users:1', 1);
  await other.cache.getMany(['a', 'users:1']);
  one.down();
  await one.cache.set('b', 'old', { tags: ['tag 7'] });
  for (let at = 0; at < 10; at++) await one.cache.invalidateTags(`tag ${at}`);
  await one.cache.clear('users:');
  expect(one.state.journal.collapsed).toBeGreaterThan(0);
  expect(await one.cache.getMany(['a', 'b', 'users:1'])).toEqual(new Map());
  await one.up();
  expect(await other.cache.getMany(['a', 'b', 'users:1'])).toEqual(new Map());
  expect(await one.cache.getMany(['a', 'b', 'users:1'])).toEqual(new Map());
});

test('an actor that crashes forgets no invalidation', async () => {
  const { port } = redis.server;
  const one = await start({ port });
  await one.cache.set('a', 1, { tags: ['red'] });
  one.down();
  await one.cache.invalidateTags('red');
  await one.crash();
  expect(await one.cache.get('a')).toBeUndefined();
  await one.up();
  expect(await one.cache.get('a')).toBeUndefined();
});

test('what was loaded is kept though Redis does not say in time what its tags say', async () => {
  await using system = await createTestUnderstudy();
  const { understudy, cache } = system;
  const acquired = await system.until(understudy.ask({ type: 'cache.acquire', key: 'a' }));
  const lease = 'lease' in acquired ? acquired.lease : '';
  system.redis.freeze();
  const fulfil = { type: 'cache.fulfil', key: 'a', lease, value: 1, tags: ['red'] } as const;
  expect(await system.until(understudy.ask(fulfil, { deadline: 50 }))).toMatchObject({
    stored: true,
    degraded: true,
    durable: false,
  });
  system.redis.restore();
  await system.until(cache.set('b', 1));
  await system.advance('1m');
  expect(system.journal.size).toBe(0);
  expect(await system.until(cache.find('a'))).toMatchObject({ value: 1, tier: 'redis' });
});

test('what was stored while Redis was out is good though another process was the first to name the tag there', async () => {
  const { port } = redis.server;
  const [one, other] = [await start({ port, namespaces }), await start({ port, namespaces })];
  one.down();
  await one.clock.advance(1);
  await one.cache.set('a', 1, { tags: ['red'] });
  await one.cache.increment('users:n', 2);
  await other.clock.advance(1_000);
  await other.cache.set('b', 2, { tags: ['red'] });
  await other.cache.increment('users:m', 1);
  await one.up();
  const all = new Map([
    ['a', 1],
    ['b', 2],
    ['users:n', 2],
    ['users:m', 1],
  ]);
  for (const { cache } of [one, other]) expect(await cache.getMany([...all.keys()])).toEqual(all);
});
