import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cache } from '../../src/index.ts';
import { settled } from '../../src/testing/settled.ts';
import { type SwitchedCache, switchedCaches } from './switched-cache.ts';
import { SuiteRedis } from './systems.ts';

const redis = new SuiteRedis();
const start = switchedCaches();

const KEYS = ['a1', 'a2', 'b'];

interface Change {
  readonly name: string;
  call(cache: Cache): Promise<unknown>;
  model(map: Map<string, number>): void;
}
type Step = Change | 'down' | 'up' | 'turn';

const key = fc.constantFrom(...KEYS);
const number = fc.integer({ min: -9, max: 9 });

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(key, number).map(([k, v]) => ({
    name: `set ${k} ${v}`,
    call: (cache: Cache) => cache.set(k, v),
    model: (map: Map<string, number>) => void map.set(k, v),
  })),
  key.map((k) => ({
    name: `delete ${k}`,
    call: (cache: Cache) => cache.delete(k),
    model: (map: Map<string, number>) => void map.delete(k),
  })),
  fc.tuple(key, number).map(([k, by]) => ({
    name: `increment ${k} ${by}`,
    call: (cache: Cache) => cache.increment(k, by),
    model: (map: Map<string, number>) => void map.set(k, (map.get(k) ?? 0) + by),
  })),
  key.map((k) => ({ name: `touch ${k}`, call: (cache: Cache) => cache.touch(k, '2h'), model: () => {} })),
  fc.constant({
    name: 'clear a',
    call: (cache: Cache) => cache.clear('a'),
    model: (map: Map<string, number>) => {
      map.delete('a1');
      map.delete('a2');
    },
  }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: change },
  { weight: 2, arbitrary: fc.constantFrom<Step>('down', 'up', 'turn') },
);

const nameOf = (each: Step): string => (typeof each === 'string' ? each : each.name);
const plan = fc.array(step, { maxLength: 16 });

/** What Redis holds once everything has reached it, what the cache says then, and what it says when Redis is out again. */
async function truth(switched: SwitchedCache): Promise<unknown[]> {
  await switched.up();
  const texts = await redis.call('MGET', ...KEYS.map((k) => `understudy:${k}`));
  const inRedis = Array.isArray(texts)
    ? texts.map((text) => (text === null ? undefined : JSON.parse(String(text)).value))
    : [];
  const got = (): Promise<unknown[]> => Promise.all(KEYS.map((k) => switched.cache.get(k)));
  const up = await got();
  switched.down();
  return [inRedis, up, await got()];
}

test.each([
  ['each call is awaited', true],
  ['nobody waits', false],
])(
  'whatever changes while Redis comes and goes is true in Redis afterwards, where %s',
  async (_name, patient) => {
    await fc.assert(
      fc.asyncProperty(plan, async (steps) => {
        await redis.call('FLUSHALL');
        const switched = await start({ port: redis.server.port });
        const map = new Map<string, number>();
        const calls: Promise<unknown>[] = [];
        for (const each of steps) {
          if (each === 'down') switched.down();
          else if (each === 'up') await switched.up();
          else if (each === 'turn') await settled();
          else {
            const called = each.call(switched.cache);
            each.model(map);
            calls.push(called);
            // A clear is answered by the replayer, which runs on the clock.
            if (patient) await switched.ended(called);
          }
        }
        await switched.ended(Promise.all(calls));
        const seen = await truth(switched);
        const expected = KEYS.map((k) => map.get(k));
        expect(seen, steps.map(nameOf).join(', ')).toEqual([expected, expected, expected]);
        await switched.stop();
      }),
      { numRuns: 120 },
    );
  },
);
