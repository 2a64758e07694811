import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { compression, large, packed } from './packed-systems.ts';

const redis = new SuiteRedis();
const start = understudies();

describe.each([
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
  ['with near reads', () => ({ ...redis.options, near: true })],
] as const)('%s: what is packed aside keeps its place', (name, options) => {
  test('a small value after a large one stands', async () => {
    const { cache } = await start({ ...options(), ...packed });
    const changes = [cache.set('a', large('x')), cache.set('a', 'small')];
    expect(await cache.get('a')).toBe('small');
    const [first, second] = await Promise.all(changes);
    expect(String(second?.version) > String(first?.version)).toBe(true);
    expect(await cache.get('a')).toBe('small');
  });

  test('a large value after a small one, and after another large one, stands', async () => {
    const { cache } = await start({ ...options(), ...packed });
    const changes = [cache.set('a', 'small'), cache.set('a', large('x')), cache.set('a', large('y'))];
    expect(await cache.get('a')).toEqual(large('y'));
    await Promise.all(changes);
    expect(await cache.get('a')).toEqual(large('y'));
  });

  test('what is deleted after a large value was set is gone', async () => {
    const { cache } = await start({ ...options(), ...packed });
    const changes = [cache.set('a', large('x')), cache.delete('a'), cache.setMany([['b', large('y')]])];
    const gone = [cache.get('a'), cache.has('a'), cache.deleteMany(['b']), cache.get('b')];
    expect(await Promise.all(gone)).toEqual([undefined, false, 1, undefined]);
    expect((await Promise.all(changes))[1]).toBe(true);
  });

  test('a clear comes after what was set before it, and before what is set after', async () => {
    const { cache } = await start({ ...options(), ...packed });
    const changes = [
      cache.set('p:a', large('x')),
      cache.set('p:b', 1),
      cache.clear('p:'),
      cache.set('p:c', 2),
    ];
    await Promise.all(changes);
    expect(await cache.getMany(['p:a', 'p:b', 'p:c'])).toEqual(new Map([['p:c', 2]]));
  });

  test('an invalidation by tag comes after what was set before it, and before what is set after', async () => {
    const { cache } = await start({ ...options(), ...packed });
    const tags = ['t'];
    const changes = [
      cache.set('a', large('x'), { tags }),
      cache.invalidateTags(tags),
      cache.set('b', large('y'), { tags }),
    ];
    await Promise.all(changes);
    expect(await cache.getMany(['a', 'b'])).toEqual(new Map([['b', large('y')]]));
  });

  test('of many keys, each in its order', async () => {
    const { cache } = await start({ ...options(), ...packed });
    const changes = [
      cache.set('a', large('x')),
      cache.setMany([
        ['a', 1],
        ['b', 1],
      ]),
      cache.set('b', 2),
    ];
    expect(await cache.getMany(['a', 'b'])).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    );
    await Promise.all(changes);
  });

  test('a touch finds what was set before it', async () => {
    const { cache } = await start({ ...options(), ...packed });
    const [, touched] = await Promise.all([
      cache.set('a', large('x'), { ttl: 60_000 }),
      cache.touch('a', 120_000),
    ]);
    expect(touched).toBe(true);
    expect(await cache.get('a')).toEqual(large('x'));
  });

  test('other keys wait for nothing', async () => {
    const { cache } = await start({ ...options(), ...packed });
    await cache.set('b', 1);
    const order: string[] = [];
    const huge = Array.from({ length: 200_000 }, (_, at) => at * 7_919);
    await Promise.all([
      cache.set('a', huge).then(() => order.push('a')),
      cache.get('b').then(() => order.push('b')),
    ]);
    expect(order).toEqual(['b', 'a']);
  });

  test('what its owner does to a value that is being packed changes nothing', async () => {
    const { cache } = await start({ ...options(), ...packed });
    const [one, other] = [large('x'), { small: true }];
    const changes = [cache.set('a', one), cache.set('a', other), cache.set('b', one)];
    one.mark = 'changed';
    other.small = false;
    await Promise.all(changes);
    expect([await cache.get('a'), await cache.get('b')]).toEqual([{ small: true }, large('x')]);
  });

  test('nor does what is done to bytes that are', async () => {
    const { cache } = await start({ ...options(), codec: 'raw', compression });
    for (const bytes of [Buffer.alloc(200_000, 'a'), randomBytes(200_000)]) {
      const before = Buffer.from(bytes);
      const set = cache.set('a', bytes);
      bytes.fill('b');
      await set;
      expect(before.equals((await cache.get<Buffer>('a')) ?? Buffer.alloc(0))).toBe(true);
    }
  });

  test('a call that is too late has no effect, and a read is answered from what there is', async () => {
    const { cache } = await start({ ...options(), compression });
    await cache.set('a', 'before');
    const huge = Array.from({ length: 400_000 }, (_, at) => at * 7_919);
    const set = cache.set('a', huge, { deadline: 1 });
    await expect(set).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(await cache.get('a')).toBe('before');
  });

  test('stopping waits for what is being packed', async () => {
    const { cache, stop } = await startToStop({ ...options(), ...packed });
    const set = cache.set('a', large('x'));
    await stop();
    expect(await set).toMatchObject({ durable: name !== 'memory only' });
  });
});

const stopped: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stopped.splice(0)) await stop();
});

async function startToStop(options: Parameters<typeof start>[0]) {
  const understudy = await start(options);
  const stop = () => understudy.stop();
  stopped.push(stop);
  return { cache: understudy.cache, stop };
}
