import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Leased, Understudy } from '../../src/index.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

/** Two systems on one Redis, as two processes would be. */
let here: Understudy;
let there: Understudy;
beforeEach(async () => {
  [here, there] = await Promise.all([start(redis.options), start(redis.options)]);
});

async function leaseOf(understudy: Understudy, key = 'k'): Promise<Leased> {
  const answer = await understudy.ask({ type: 'cache.acquire', key });
  if (answer.found || !('lease' in answer)) throw new Error('expected a lease');
  return answer;
}

const fulfil = (understudy: Understudy, lease: string, value: unknown, key = 'k') =>
  understudy.ask({ type: 'cache.fulfil', key, lease, value });

/** What is asked there, once it waits for the lease that is held here. */
async function waiting(key = 'k') {
  const asked = there.ask({ type: 'cache.acquire', key });
  let answered = false;
  const settled = () => {
    answered = true;
  };
  asked.then(settled, settled);
  // It has looked, was told of the lease, and looked again.
  await redis.resetCalls();
  await expect.poll(async () => (await redis.calls()).evalsha, { timeout: 5_000 }).toBeGreaterThan(1);
  expect(answered).toBe(false);
  return { asked };
}

test('who is granted a lease has it for all processes, for its time', async () => {
  const { lease, tier, degraded } = await leaseOf(here);
  expect({ tier, degraded }).toEqual({ tier: 'redis', degraded: false });
  const name = 'understudy:~lease:{understudy:k}';
  expect(String(await redis.call('GET', name))).toBe(`${lease}//`);
  expect(Number(await redis.call('PTTL', name))).toBeGreaterThan(25_000);
  expect(await here.cache.keys()).toEqual([]);
});

test('those who ask elsewhere get what the holder stores, and the lease is gone', async () => {
  const { lease } = await leaseOf(here);
  const { asked } = await waiting();
  expect(await fulfil(here, lease, 'loaded')).toMatchObject({ stored: true, tier: 'redis', durable: true });
  expect(await asked).toMatchObject({ found: true, value: 'loaded', tier: 'redis' });
  expect(await redis.call('EXISTS', 'understudy:~lease:{understudy:k}')).toBe(0);
});

test('a thousand callers in two processes: one loader runs', async () => {
  const load = vi.fn(async () => 'loaded');
  const asked = Array.from({ length: 1_000 }, (_, at) =>
    (at % 2 ? here : there).cache.getOrSet('cold', load),
  );
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['loaded']));
  expect(load).toHaveBeenCalledOnce();
});

test('many keys are loaded once each, whoever asks first', async () => {
  const loads: string[] = [];
  const keys = Array.from({ length: 300 }, (_, at) => `key ${at}`);
  const ask = ({ cache }: Understudy) =>
    keys.map((key) =>
      cache.getOrSet(key, async () => {
        loads.push(key);
        return key;
      }),
    );
  expect(await Promise.all([...ask(here), ...ask(there)])).toEqual([...keys, ...keys]);
  expect(loads.sort()).toEqual(keys.sort());
});

test('of many who wait elsewhere for one key, none asks Redis on its own', async () => {
  const { lease } = await leaseOf(here);
  const asked = Array.from({ length: 500 }, () => there.ask({ type: 'cache.acquire', key: 'k' }));
  await redis.resetCalls();
  await expect.poll(async () => (await redis.calls()).evalsha, { timeout: 5_000 }).toBeGreaterThan(4);
  const info = String(await redis.call('INFO', 'commandstats'));
  // Each look reads the lease, the value and the tombstone, of one key.
  const { evalsha = 0, get = 0 } = await redis.calls();
  expect(get, info).toBeLessThanOrEqual(3 * evalsha);
  await fulfil(here, lease, 1);
  for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ found: true, value: 1 });
});

test.each([
  ['given back without a reason', undefined],
  ['abandoned for a reason', 'the database is down'],
])('a lease that is %s goes to who waits elsewhere', async (_how, reason) => {
  const { lease } = await leaseOf(here);
  const { asked } = await waiting();
  expect(await here.ask({ type: 'cache.abandon', key: 'k', lease, reason })).toEqual({ abandoned: true });
  expect(await asked).toMatchObject({ found: false, lease: expect.any(String), tier: 'redis' });
});

test('a loader that fails fails its own callers; who waits elsewhere loads next', async () => {
  const failing = Promise.withResolvers<string>();
  const lost = here.cache.getOrSet('k', () => failing.promise).catch((error: unknown) => error);
  await expect.poll(() => redis.call('EXISTS', 'understudy:~lease:{understudy:k}')).toBe(1);
  const load = vi.fn(() => 'second');
  const asked = [there.cache.getOrSet('k', load), there.cache.getOrSet('k', load)];
  const failure = new Error('cannot load');
  failing.reject(failure);
  expect(await lost).toBe(failure);
  expect(await Promise.all(asked)).toEqual(['second', 'second']);
  expect(load).toHaveBeenCalledOnce();
});

test('fulfilled without a value, who waits elsewhere may look for it', async () => {
  const { lease } = await leaseOf(here);
  const { asked } = await waiting();
  await here.ask({ type: 'cache.fulfil', key: 'k', lease });
  expect(await asked).toMatchObject({ found: false, lease: expect.any(String) });
});

describe.each([
  ['a deletion', () => there.cache.delete('k')],
  ['the deletion of many', () => there.cache.deleteMany(['j', 'k'])],
  ['a write', () => there.cache.set('k', 'written')],
  ['an increment', () => there.cache.increment('k')],
  ['a clear', () => there.cache.clear()],
  ['a clear of its prefix', () => there.cache.clear('k')],
  ['a write by another program', () => redis.call('SET', 'understudy:k', '"written"')],
])('%s elsewhere', (_what, change) => {
  test('voids it: what was loaded is not stored', async () => {
    const { lease } = await leaseOf(here);
    await change();
    const left = await there.cache.get('k');
    expect(await fulfil(here, lease, 'outdated')).toMatchObject({ stored: false });
    expect([await here.cache.get('k'), await there.cache.get('k')]).toEqual([left, left]);
  });

  test('and who asks there from then on does not wait for it', async () => {
    const { lease } = await leaseOf(here);
    await change();
    expect(await there.cache.getOrSet('k', () => 'new')).toEqual((await there.cache.get('k')) ?? 'new');
    expect(await fulfil(here, lease, 'outdated')).toMatchObject({ stored: false });
  });

  test('and nobody is given what was loaded before it, but the one who loaded', async () => {
    const loading = Promise.withResolvers<string>();
    const first = here.cache.getOrSet('k', () => loading.promise);
    await expect.poll(() => redis.call('EXISTS', 'understudy:~lease:{understudy:k}')).toBe(1);
    await change();
    const left = await there.cache.get('k');
    const later = here.cache.getOrSet('k', () => 'new');
    loading.resolve('outdated');
    expect(await first).toBe('outdated');
    expect(await later).toEqual(left ?? 'new');
  });
});

test.each([
  ['a change of another key', () => there.cache.delete('j')],
  ['a touch', () => there.cache.touch('k')],
  ['a clear of another prefix', () => there.cache.clear('j')],
])('%s elsewhere does not void it', async (_what, change) => {
  const { lease } = await leaseOf(here);
  await change();
  expect(await fulfil(here, lease, 1)).toMatchObject({ stored: true });
});

test('a deletion before the lease does not void it, and a second one does', async () => {
  await there.cache.delete('k');
  const first = await leaseOf(here);
  expect(await fulfil(here, first.lease, 1)).toMatchObject({ stored: true });
  await there.cache.delete('k');
  const second = await leaseOf(here);
  await there.cache.delete('k');
  expect(await fulfil(here, second.lease, 2)).toMatchObject({ stored: false });
});

test.each([
  ['what cannot be read', ['SET', 'understudy:k', '{"understudy":1,"version":"cut']],
  ['something of another type', ['RPUSH', 'understudy:k', 'item']],
])('where there is %s, one loads and replaces it', async (_what, command) => {
  await redis.call(...command);
  const load = vi.fn(async () => 'loaded');
  const asked = [here, there, here, there].map(({ cache }) => cache.getOrSet('k', load));
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 4 }, () => 'loaded'));
  expect(load).toHaveBeenCalledOnce();
  expect(await there.cache.get('k')).toBe('loaded');
});

test('a lease that is granted when nobody waits any more is given back', async () => {
  const { lease } = await leaseOf(here);
  const gone = there.ask({ type: 'cache.acquire', key: 'k' }, { deadline: 50 });
  await expect(gone).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  await here.ask({ type: 'cache.abandon', key: 'k', lease });
  expect(await leaseOf(here)).toMatchObject({ found: false });
});

test('a system that stops gives back what it holds', async () => {
  await leaseOf(here);
  const { asked } = await waiting();
  await here.stop();
  expect(await asked).toMatchObject({ found: false, lease: expect.any(String) });
});

test('a lease that lapsed stores nothing, and does not keep who has it now from storing', async () => {
  const options = { ...redis.options, lease: { ttl: 100 } };
  const [slow, next] = await Promise.all([start(options), start(options)]);
  const { lease } = await leaseOf(slow);
  const taken = await leaseOf(next);
  expect(await fulfil(slow, lease, 'late')).toMatchObject({ stored: false });
  expect(await fulfil(next, taken.lease, 'loaded')).toMatchObject({ stored: true });
  expect(await slow.cache.get('k')).toBe('loaded');
});

test('the lease in Redis lasts no longer than the tombstone that would void it', async () => {
  const short = await start({
    ...redis.options,
    redis: { ...redis.options.redis, tombstoneTtl: '5s' },
  });
  await leaseOf(short);
  expect(Number(await redis.call('PTTL', 'understudy:~lease:{understudy:k}'))).toBeLessThanOrEqual(5_000);
});

test('a hit takes no lease', async () => {
  await here.cache.set('k', 1);
  await redis.resetCalls();
  expect(await there.cache.getOrSet('k', () => 'unused')).toBe(1);
  const { mget, evalsha } = await redis.calls();
  expect([mget, evalsha]).toEqual([1, undefined]);
});
