import { expect, test } from 'vitest';
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
