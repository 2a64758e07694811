import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { SpanRecorder } from '../telemetry/span-recorder.ts';
import { archived, SuitePostgres } from './suite.ts';

const recorder = new SpanRecorder();
const redis = new SuiteRedis();
const postgres = new SuitePostgres();
const start = understudies();

test('a batch of reads is one span, by the conventions for PostgreSQL, with the operation that asked as its parent', async () => {
  const understudy = await start(postgres.options(redis.options));
  await understudy.cache.set('a secret key', 'a secret value');
  await archived(understudy);
  await redis.call('FLUSHALL');
  recorder.clear();
  const keys = ['a secret key', 'b', 'c'];
  await recorder.under('request', () => Promise.all(keys.map((key) => understudy.cache.get(key))));
  const span = recorder.the('SELECT understudy.value');
  expect(span.kind).toBe(SpanKind.CLIENT);
  const { hostname, port } = new URL(postgres.server.url);
  expect(span.attributes).toEqual({
    'db.system.name': 'postgresql',
    'db.namespace': 'postgres',
    'db.operation.name': 'SELECT',
    'db.collection.name': 'understudy.value',
    'server.address': hostname,
    'server.port': Number(port),
    'understudy.batch.size': 3,
  });
  expect(span.status).toBe(SpanStatusCode.UNSET);
  const operations = recorder.named('cache.get').map(({ spanId }) => spanId);
  expect([span.parentId, ...span.links].sort()).toEqual(operations.sort());
  expect(JSON.stringify(recorder.spans)).not.toContain('secret');
});

test('what was counted is told by tier: who answered, and what was asked in vain', async () => {
  const understudy = await start(postgres.options(redis.options));
  const told: string[] = [];
  for (const name of ['hit', 'miss', 'stale'] as const)
    understudy.cache.on(name, ({ key, tier }) => void told.push(`${name} ${key} ${tier}`));
  await understudy.cache.set('a', 1);
  await archived(understudy);
  await understudy.cache.get('a');
  await redis.call('FLUSHALL');
  await understudy.cache.get('a');
  await understudy.cache.get('none');
  expect(told).toEqual(['hit a redis', 'hit a postgres', 'miss none redis']);
  const { hits, misses, tiers } = await understudy.ask({ type: 'cache.stats' });
  expect({ hits, misses, tiers }).toEqual({
    hits: 2,
    misses: 1,
    tiers: {
      memory: { hits: 0, misses: 0 },
      redis: { hits: 1, misses: 1 },
      postgres: { hits: 1, misses: 1 },
    },
  });
});
