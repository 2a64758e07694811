import { expect, test, vi } from 'vitest';
import type { SystemEvent } from '../../src/index.ts';
import { SuiteRedis, understudies } from './systems.ts';

const redis = new SuiteRedis();
const start = understudies();

test('beyond its capacity the cache refuses early, with a typed error, and takes more when it has room again', async () => {
  const { cache } = await start({ ...redis.options, mailbox: { capacity: 10 } });
  const outcomes = await Promise.allSettled(Array.from({ length: 15 }, (_, at) => cache.get(`key ${at}`)));
  expect(outcomes.map(({ status }) => status)).toEqual([
    ...Array.from({ length: 10 }, () => 'fulfilled'),
    ...Array.from({ length: 5 }, () => 'rejected'),
  ]);
  for (const outcome of outcomes.slice(10)) {
    expect(outcome).toMatchObject({ reason: { code: 'OVERLOADED', status: 503, retryable: true } });
  }
  expect(await cache.get('key 0')).toBeUndefined();
});

test('told messages that find no room are dead letters, counted and told', async () => {
  const understudy = await start({ ...redis.options, mailbox: { capacity: 3 } });
  const letters: SystemEvent[] = [];
  understudy.subscribe((event) => {
    if (event.type === 'dead-letter') letters.push(event);
  });
  for (let at = 0; at < 5; at++) understudy.send({ type: 'cache.set', key: `key ${at}`, value: at });
  expect(letters).toEqual(
    [3, 4].map(() => ({
      type: 'dead-letter',
      actor: 'cache',
      messageType: 'cache.set',
      reason: 'OVERLOADED',
    })),
  );
  await expect.poll(() => understudy.cache.keys()).toHaveLength(3);
});

test('those who wait for a load count, and a full mailbox does not keep out the one who ends the load', async () => {
  const { cache } = await start({ mailbox: { capacity: 5 } });
  let finish: (value: string) => void = () => {};
  const load = vi.fn(() => new Promise<string>((resolve) => (finish = resolve)));
  const asked = Array.from({ length: 10 }, () => cache.getOrSet('cold', load, { deadline: 3_000 }));
  const ended = Promise.allSettled(asked);
  await vi.waitFor(() => expect(load).toHaveBeenCalled());
  finish('loaded');
  const outcomes = (await ended).map((outcome) =>
    outcome.status === 'fulfilled' ? outcome.value : outcome.reason.code,
  );
  expect(outcomes).toEqual([
    ...Array.from({ length: 6 }, () => 'loaded'),
    ...Array.from({ length: 4 }, () => 'OVERLOADED'),
  ]);
});
