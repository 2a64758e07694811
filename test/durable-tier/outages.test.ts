import { expect, test } from 'vitest';
import { createUnderstudy, type Understudy } from '../../src/index.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { SkewedClock } from '../clock/skewed-clock.ts';
import { LogLines } from '../telemetry/log-lines.ts';
import { archived, PATIENT, SuitePostgres } from './suite.ts';

const redis = new SuiteRedis();
const postgres = new SuitePostgres();
const start = understudies();

const DEADLINE = 400;

/** Impatient with Postgres, patient with Redis. */
const impatient = () => ({
  ...postgres.options(redis.options),
  durable: { url: postgres.server.url, values: { timeout: 300 } },
});

const stateOf = async (understudy: Understudy) => (await understudy.health()).durable.state;

async function took(work: () => Promise<unknown>): Promise<number> {
  const began = systemClock.monotonic();
  await work();
  return systemClock.monotonic() - began;
}

test('a durable tier that is gone delays nothing: its breaker opens, the system is degraded and ready, and it gets all that it missed', async () => {
  const lines = new LogLines();
  const understudy = await createUnderstudy({ ...impatient(), logger: lines.logger('info') });
  try {
    await understudy.cache.set('before', 1);
    await archived(understudy);
    expect(await understudy.health()).toMatchObject({ status: 'healthy', durable: { state: 'closed' } });
    await postgres.server.kill();
    // Whoever asks finds out.
    await expect
      .poll(async () => {
        await understudy.cache.get(`none ${Math.random()}`);
        return stateOf(understudy);
      }, PATIENT)
      .toBe('open');
    expect(await understudy.health()).toMatchObject({ status: 'degraded', ready: true, connected: true });
    expect(await took(() => understudy.cache.get('none'))).toBeLessThan(100);
    expect(await understudy.cache.find('none')).toEqual({ found: false, tier: 'redis', degraded: false });
    expect(await understudy.cache.set('during', 1)).toMatchObject({ tier: 'redis', durable: true });
    expect((await understudy.ask({ type: 'cache.stats' })).archive).toMatchObject({ up: false, behind: 1 });
    await postgres.server.restart();
    await archived(understudy);
    expect((await postgres.rows()).map(({ key }) => key)).toEqual(['before', 'during']);
    const told = lines.entries.filter(({ msg }) => /durable tier/.test(String(msg)));
    expect(told.map(({ msg }) => msg)).toEqual([
      'the durable tier serves',
      'circuit breaker of the durable tier opened',
      'the durable tier is out: its values are not to be had',
      'the durable tier serves',
    ]);
  } finally {
    await understudy.stop();
  }
});

test('one that hangs delays those who ask it first until their deadline, nobody after that, and its breaker opens', async () => {
  const understudy = await start({ ...impatient(), deadline: DEADLINE });
  await understudy.cache.set('a', 1);
  await archived(understudy);
  await postgres.server.freeze();
  try {
    await redis.call('FLUSHALL');
    expect(await took(() => understudy.cache.get('a'))).toBeLessThan(DEADLINE + 200);
    for (let at = 0; at < 5; at++) {
      await expect
        .poll(async () => took(() => understudy.cache.get(`a${at}`)), { timeout: 5_000, interval: 1 })
        .toBeLessThan(50);
    }
    await expect
      .poll(async () => {
        void understudy.cache.get('a');
        return stateOf(understudy);
      }, PATIENT)
      .not.toBe('closed');
    const quick = await took(() =>
      Promise.all(Array.from({ length: 100 }, (_, at) => understudy.cache.get(`${at}`))),
    );
    expect(quick).toBeLessThan(200);
  } finally {
    await postgres.server.thaw();
  }
  await expect.poll(async () => (await understudy.cache.find('a')).found, PATIENT).toBe(true);
});

test('with Redis out values come from the durable tier, and say so', async () => {
  const first = await start(postgres.options(redis.options));
  await first.cache.setMany(['a', 'b', 'c'].map((key) => [key, key]));
  await first.cache.set('stale', 1, { ttl: 1, grace: '1h' });
  await first.cache.increment('n', 41);
  await archived(first);
  const second = await start(
    postgres.options({ redis: { url: 'redis://127.0.0.1:1' }, memory: { maxEntries: 1 } }),
  );
  expect(await second.cache.find('a')).toEqual({
    found: true,
    value: 'a',
    tier: 'postgres',
    degraded: true,
    stale: false,
  });
  expect(await second.cache.getMany(['a', 'b', 'c', 'none'])).toEqual(
    new Map([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ]),
  );
  expect(await second.cache.find('stale')).toMatchObject({ value: 1, stale: true, tier: 'postgres' });
  expect(await second.cache.getOrSet('b', () => 'loaded')).toBe('b');
  // What is changed here is newer, and what is added is added to that.
  await second.cache.set('b', 'changed');
  await second.cache.delete('c');
  expect(await second.ask({ type: 'cache.increment', key: 'n', by: 1 })).toMatchObject({ value: 42 });
  expect(await second.cache.touch('a', '1d')).toBe(true);
  expect(await second.cache.getMany(['a', 'b', 'c'])).toEqual(
    new Map([
      ['a', 'a'],
      ['b', 'changed'],
    ]),
  );
});

test('what waits when a system stops is brought to the durable tier before', async () => {
  const understudy = await createUnderstudy(postgres.options(redis.options));
  await understudy.cache.setMany(Array.from({ length: 2_000 }, (_, at) => [`key ${at}`, at]));
  await understudy.stop();
  expect(await postgres.rows()).toHaveLength(2_000);
});

test('a system starts without its durable tier, and takes it on when it appears', async () => {
  const first = await createUnderstudy(postgres.options(redis.options));
  await first.cache.set('a', 1);
  await first.stop();
  await redis.call('FLUSHALL');
  await postgres.server.kill();
  const understudy = await start(postgres.options(redis.options));
  expect(await understudy.cache.find('a')).toMatchObject({ found: false, tier: 'redis' });
  await postgres.server.restart();
  await expect.poll(() => understudy.cache.find('a'), PATIENT).toMatchObject({ value: 1, tier: 'postgres' });
});

test('with Redis out at the start, what goes to the durable tier is signed by the time of that, however wrong the local clock is', async () => {
  const clock = new SkewedClock(systemClock, 3_600_000);
  const out = postgres.options({ redis: { url: 'redis://127.0.0.1:1' } });
  const wrong = await createUnderstudy({ ...out, clock });
  await wrong.cache.set('a', 'old');
  await archived(wrong);
  await wrong.stop();
  const right = await start(postgres.options(redis.options));
  await right.cache.set('a', 'new');
  await archived(right);
  await redis.call('FLUSHALL');
  expect(await right.cache.get('a')).toBe('new');
  await right.cache.delete('a');
  await redis.call('FLUSHALL');
  expect(await right.cache.get('a')).toBeUndefined();
});

test('what the durable tier has, or has not, is degraded where Redis was asked and did not answer', async () => {
  const { cache } = await start({ ...postgres.options(redis.options), redis: { url: redis.server.url } });
  await redis.server.freeze();
  try {
    expect(await cache.find('none')).toMatchObject({ found: false, degraded: true });
  } finally {
    await redis.server.thaw();
  }
  // What it was asked on is not trusted any more.
  await expect.poll(() => cache.find('none')).toMatchObject({ found: false, tier: 'redis', degraded: false });
});
