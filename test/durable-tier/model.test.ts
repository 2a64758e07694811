import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createUnderstudy, type OptionsInput, type Understudy } from '../../src/index.ts';
import { SuiteRedis } from '../cache/systems.ts';
import { archived, SuitePostgres } from './suite.ts';

const redis = new SuiteRedis();
const postgres = new SuitePostgres();

const key = fc.constantFrom('a:1', 'a:2', 'b:1', 'b:2');
const tag = fc.constantFrom('t', 'u');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('set' as const), key, tag: fc.option(tag) }) },
  { weight: 6, arbitrary: fc.record({ op: fc.constant('get' as const), key }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('delete' as const), key }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('count' as const) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('invalidate' as const), tag }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('clear' as const), prefix: fc.constantFrom('', 'a:', 'b:') }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('lose' as const) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('restart' as const) }) },
);

/** Each way to work in which nothing may be lost, or come back, whatever else is lost. */
const WAYS: [name: string, options: () => OptionsInput, lose: () => Promise<unknown>][] = [
  ['Redis loses all it has', () => postgres.options(redis.options), () => redis.call('FLUSHALL')],
  [
    'there is no Redis, and memory holds little',
    () => postgres.options({ memory: { maxEntries: 2 } }),
    async () => {},
  ],
];

describe.each(WAYS)('%s', (_name, options, lose) => {
  test('whatever is changed is there as it was changed last', { timeout: 120_000 }, async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const prefix = `${postgres.prefix}${++run}:`;
        const begin = () => createUnderstudy({ ...options(), prefix });
        const model = new Map<string, { value: number; tag: string | null }>();
        let system: Understudy = await begin();
        let value = 0;
        let count = 0;
        /** Where Redis has lost its markers, what depends on one may be a miss until it is stored anew. */
        const expectGood = (entry: { value: number; tag: string | null } | undefined, got: unknown) => {
          const mayMiss = options().redis !== undefined && typeof entry?.tag === 'string';
          expect(mayMiss ? [entry?.value, undefined] : [entry?.value]).toContain(got);
        };
        try {
          for (const each of steps) {
            if (each.op === 'set') {
              model.set(each.key, { value: ++value, tag: each.tag });
              await system.cache.set(each.key, value, each.tag === null ? {} : { tags: [each.tag] });
            } else if (each.op === 'get') {
              expectGood(model.get(each.key), await system.cache.get(each.key));
            } else if (each.op === 'delete') {
              model.delete(each.key);
              await system.cache.delete(each.key);
            } else if (each.op === 'count') {
              expect(await system.cache.increment('n')).toBe(++count);
            } else if (each.op === 'invalidate') {
              for (const [key, entry] of model) if (entry.tag === each.tag) model.delete(key);
              await system.cache.invalidateTags(each.tag);
            } else if (each.op === 'clear') {
              for (const key of model.keys()) if (key.startsWith(each.prefix)) model.delete(key);
              if (each.prefix === '') count = 0;
              await system.cache.clear(each.prefix);
            } else if (each.op === 'lose') {
              // What counters have come to is looked up in Redis.
              await archived(system);
              await lose();
              // A counter that is remembered here, and that Redis has lost, would begin anew.
              expect((await system.cache.get('n')) ?? 0).toBe(count);
            } else if (options().redis === undefined) {
              // With a Redis that has lost its markers, whoever stores first makes them anew.
              await system.stop();
              system = await begin();
            }
          }
          const keys = ['a:1', 'a:2', 'b:1', 'b:2'];
          const found = await system.cache.getMany(keys);
          for (const each of keys) expectGood(model.get(each), found.get(each));
        } finally {
          await system.stop();
        }
      }),
      { numRuns: 25 },
    );
  });
});
