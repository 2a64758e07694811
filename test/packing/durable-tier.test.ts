import { expect, test } from 'vitest';
import { createUnderstudy } from '../../src/index.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { archived, SuitePostgres } from '../durable-tier/suite.ts';
import { large, packed } from './packed-systems.ts';

const redis = new SuiteRedis();
const postgres = new SuitePostgres();
const start = understudies();

const options = () => ({ ...postgres.options(redis.options), ...packed });

test('values are sealed in the durable tier as they are in Redis, and are opened from there', async () => {
  const small = { at: new Date(0), word: 'canary' };
  const first = await createUnderstudy(options());
  await first.cache.setMany([
    ['small', small],
    ['large', large('canary')],
  ]);
  await archived(first);
  await first.stop();
  const rows = await postgres.rows();
  expect(rows).toHaveLength(2);
  expect(JSON.stringify(rows)).toContain('+encrypted');
  expect(JSON.stringify(rows)).not.toContain('canary');
  await redis.call('FLUSHALL');
  const { cache } = await start(options());
  expect(await cache.find('small')).toMatchObject({ found: true, value: small });
  expect(await cache.find('large')).toMatchObject({ found: true, value: large('canary') });
  expect(await cache.getMany(['large', 'small'])).toEqual(
    new Map<string, unknown>([
      ['large', large('canary')],
      ['small', small],
    ]),
  );
});
