import { expect, test } from 'vitest';
import { settled } from '../../src/testing/settled.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { Changes } from '../tiers/changes.ts';
import { simulated } from './simulated-tier.ts';

/** How a promise stands when everything that does not wait for time has happened. */
async function standing(work: Promise<unknown>): Promise<string> {
  let standing = 'pending';
  work.then(
    () => {
      standing = 'answered';
    },
    (error: Error) => {
      standing = error.message;
    },
  );
  await settled();
  return standing;
}

async function bench() {
  const simulation = await simulated({ commandTimeout: 250 });
  return { ...simulation, changes: new Changes(new HybridClock(simulation.clock)) };
}

test('a frozen server carries out what it was sent when it goes on, in order', async () => {
  const { tier, redis, changes } = await bench();
  redis.freeze();
  const works = [
    tier.write([changes.set('k', 1)]),
    tier.write([changes.increment('k', 1)]),
    tier.read(['k']),
  ];
  expect(await standing(Promise.race(works))).toBe('pending');
  redis.restore();
  expect(await Promise.all(works)).toMatchObject([
    [{ status: 'done' }],
    [{ value: 2 }],
    [expect.any(String)],
  ]);
});

test('but no change whose sender has given up by then', async () => {
  const { tier, redis, clock, changes } = await bench();
  redis.freeze();
  const works = [tier.write([changes.set('k', 1)]), tier.read(['k'])];
  await clock.advance(251);
  redis.restore();
  expect(await Promise.allSettled(works)).toMatchObject([
    { status: 'rejected', reason: { message: expect.stringContaining('LATE') } },
    { status: 'fulfilled' },
  ]);
  expect(redis.keys()).toEqual([]);
});

test('what is on its way when the connection ends fails at once, and may be carried out', async () => {
  const { tier, redis, changes } = await bench();
  redis.freeze();
  const work = tier.write([changes.set('k', 1)]);
  tier.disconnect();
  expect(await standing(work)).toBe('Connection is closed.');
  expect(await standing(tier.read(['k']))).toBe('not connected to Redis');
  redis.restore();
  expect(redis.value('k')).toBe(1);
});

test('a slow answer takes its time, and none overtakes another', async () => {
  const { tier, redis, clock, changes } = await bench();
  redis.slow('100ms');
  const first = tier.write([changes.set('k', 1)]);
  redis.slow(0);
  const second = tier.read(['k']);
  await clock.advance(49);
  expect(redis.value('k')).toBeUndefined();
  expect(await standing(Promise.race([first, second]))).toBe('pending');
  await clock.advance(1);
  const [written, read] = await Promise.all([first, second]);
  expect([written, read]).toEqual([[{ status: 'done' }], [redis.stored('k')]]);
});

test('a connection that cannot be made within its time is given up', async () => {
  const { tier, redis, clock } = await bench();
  redis.freeze();
  const connecting = standing(tier.connect());
  const failed = tier.connect().catch((error: Error) => error.message);
  await connecting;
  await clock.advance(1_000);
  expect(await failed).toBe('no answer within 1000 ms');
  expect(tier.connected).toBe(false);
});

test('a probe tells the time of the server, and how long it took', async () => {
  const { tier, redis, clock } = await bench();
  redis.slow(100);
  const probed = tier.probe();
  await clock.advance(100);
  expect(await probed).toEqual({ serverTime: clock.now() - 50, roundTrip: 100 });
});

test('a fault that does not exist is refused by name', async () => {
  const { redis } = await bench();
  // @ts-expect-error No such code.
  expect(() => redis.fail('ENOENT')).toThrow(/fail: expected an Error or one of ECONNREFUSED.*got ENOENT/);
});
