import { expect, test } from 'vitest';
import { startRedis } from '../servers/redis-server.ts';
import { Fleet } from './fleet.ts';

const PROCESSES = 8;
const CALLERS = 1_000;

/** A busy machine must not look like a Redis that is out. */
const patient = (url: string) => ({ redis: { url, commandTimeout: 10_000, connectTimeout: 10_000 } });

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

test('eight processes with a thousand callers each ask for a cold key: one loader runs', {
  timeout: 60_000,
}, async ({ annotate }) => {
  await using redis = await startRedis();
  await using fleet = await Fleet.start(PROCESSES, patient(redis.url));
  for (const key of ['first', 'second', 'third']) {
    const answered = await fleet.ask({ key, callers: CALLERS, takes: 50 });
    expect(sum(answered.map(({ loads }) => loads))).toBe(1);
    expect(new Set(answered.flatMap(({ values }) => values)).size).toBe(1);
    await annotate(`a load of 50 ms reached all after ${answered.map(({ took }) => Math.round(took))} ms`);
  }
});

test('a holder that is killed delays the others by no more than the time of its lease', {
  timeout: 60_000,
}, async ({ annotate }) => {
  const ttl = 3_000;
  await using redis = await startRedis();
  await using fleet = await Fleet.start(PROCESSES, { ...patient(redis.url), lease: { ttl } });
  const [holder, ...others] = fleet.members;
  if (holder === undefined) throw new Error('expected a fleet');
  const lost = holder.ask({ key: 'k', callers: 1, takes: 60_000 }).catch(() => 'killed');
  await holder.next('loading');
  const asked = others.map((member) => member.ask({ key: 'k', callers: CALLERS, takes: 0 }));
  await holder.kill();
  const killed = performance.now();
  const answered = await Promise.all(asked);
  const delay = performance.now() - killed;
  expect(await lost).toBe('killed');
  expect(sum(answered.map(({ loads }) => loads))).toBe(1);
  // What is left of the lease, one look, and the time a busy machine takes to answer seven thousand callers.
  expect(delay).toBeLessThan(ttl + 2_000);
  await annotate(`with a lease of ${ttl} ms, all were answered ${Math.round(delay)} ms after the kill`);
});

test.each(['kill', 'freeze'] as const)(
  'with Redis out (%s), one loader runs in each process',
  {
    timeout: 60_000,
  },
  async (how) => {
    await using redis = await startRedis();
    await using fleet = await Fleet.start(3, { redis: { url: redis.url } });
    await redis[how]();
    const answered = await fleet.ask({ key: 'k', callers: CALLERS, takes: 50 });
    expect(answered.map(({ loads }) => loads)).toEqual([1, 1, 1]);
    expect(new Set(answered.flatMap(({ values }) => values)).size).toBe(3);
  },
);
