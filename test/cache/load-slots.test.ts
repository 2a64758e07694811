import { describe, expect, test, vi } from 'vitest';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

/** A loader of many keys: how many run at once, and when each may end. */
function origin() {
  let running = 0;
  const seen = { most: 0, order: [] as string[] };
  const open: (() => void)[] = [];
  const load = (key: string) => async () => {
    seen.order.push(key);
    seen.most = Math.max(seen.most, ++running);
    await new Promise<void>((resolve) => open.push(resolve));
    running--;
    return key;
  };
  /** Lets all end that run, as often as it takes. */
  const finish = async (asked: Promise<unknown>): Promise<void> => {
    let done = false;
    const ended = () => {
      done = true;
    };
    asked.then(ended, ended);
    await vi.waitFor(
      () => {
        for (const end of open.splice(0)) end();
        expect(done).toBe(true);
      },
      { timeout: 10_000, interval: 1 },
    );
  };
  return { load, seen, finish, started: () => seen.order.length };
}

const keysOf = (count: number): string[] => Array.from({ length: count }, (_, at) => `key ${at}`);

describe.each([
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
  ['with Redis out', () => ({ redis: { url: 'redis://127.0.0.1:1' }, deadline: 10_000 })],
] as const)('%s', (_name, options) => {
  test('no more loads run at once than the process may, and all get their turn, the first first', async () => {
    const { cache } = await start({ ...options(), load: { concurrency: 5 } });
    const { load, seen, finish } = origin();
    const keys = keysOf(100);
    const asked = Promise.all(keys.map((key) => cache.getOrSet(key, load(key))));
    await finish(asked);
    expect(await asked).toEqual(keys);
    expect(seen.most).toBe(5);
    expect(seen.order).toEqual(keys);
  });

  test('past the bound of the queue a caller is refused, and those of keys that wait are not', async () => {
    const { cache } = await start({ ...options(), load: { concurrency: 2, queue: 3 } });
    const { load, finish, started } = origin();
    const waiting = keysOf(5).map((key) => cache.getOrSet(key, load(key)));
    await vi.waitFor(() => expect(started()).toBe(2));
    const refused = cache.getOrSet('one more', load('one more'));
    await expect(refused).rejects.toMatchObject({ code: 'LOADS_EXHAUSTED', status: 503, retryable: true });
    const again = keysOf(5).map((key) => cache.getOrSet(key, load(key)));
    const all = Promise.all([...waiting, ...again]);
    await finish(all);
    expect(await all).toEqual([...keysOf(5), ...keysOf(5)]);
    expect(started()).toBe(5);
    const later = cache.getOrSet('one more', load('one more'));
    await finish(later);
    expect(await later).toBe('one more');
  });

  test('what is there is answered though no more may be loaded', async () => {
    const { cache, ...system } = await start({ ...options(), load: { concurrency: 1, queue: 0 } }).then(
      (understudy) => ({ cache: understudy.cache, ask: understudy.ask.bind(understudy) }),
    );
    await cache.set('there', 1);
    await system.ask({ type: 'cache.acquire', key: 'held' });
    expect(await cache.getOrSet('there', () => 'unused')).toBe(1);
    await expect(cache.getOrSet('other', () => 'unused')).rejects.toMatchObject({ code: 'LOADS_EXHAUSTED' });
  });

  test('a load that fails, and one that lapses, make room', async () => {
    const understudy = await start({ ...options(), load: { concurrency: 1 }, lease: { ttl: 50 } });
    const { cache } = understudy;
    await expect(cache.getOrSet('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await understudy.ask({ type: 'cache.acquire', key: 'never reported' });
    expect(await cache.getOrSet('b', () => 'loaded')).toBe('loaded');
  });

  test('who gives up leaves the queue', async () => {
    const understudy = await start({ ...options(), load: { concurrency: 1, queue: 1 } });
    const held = await understudy.ask({ type: 'cache.acquire', key: 'held' });
    const asked = understudy.ask({ type: 'cache.acquire', key: 'gone' }, { deadline: 50 });
    await expect(asked).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const next = understudy.cache.getOrSet('next', () => 'loaded');
    if (!('lease' in held)) throw new Error('expected a lease');
    await understudy.ask({ type: 'cache.abandon', key: 'held', lease: held.lease });
    expect(await next).toBe('loaded');
  });
});

test('while another process loads a key, it takes no slot here', async () => {
  const options = { ...redis.options, load: { concurrency: 1, queue: 0 } };
  const [here, there] = await Promise.all([start(options), start(options)]);
  const held = await here.ask({ type: 'cache.acquire', key: 'k' });
  if (!('lease' in held)) throw new Error('expected a lease');
  const asked = there.cache.getOrSet('k', () => 'unused');
  await redis.resetCalls();
  await expect.poll(async () => (await redis.calls()).evalsha, { timeout: 5_000 }).toBeGreaterThan(1);
  await vi.waitFor(async () => expect(await there.cache.getOrSet('j', () => 'loaded')).toBe('loaded'));
  // With the only slot taken it goes on looking, without one.
  const busy = await there.ask({ type: 'cache.acquire', key: 'busy' }).catch(() => undefined);
  await here.ask({ type: 'cache.fulfil', key: 'k', lease: held.lease, value: 'loaded' });
  expect(await asked).toBe('loaded');
  expect(busy === undefined || 'lease' in busy).toBe(true);
});
