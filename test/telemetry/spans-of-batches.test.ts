import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { SpanRecorder } from './span-recorder.ts';

const recorder = new SpanRecorder();
let redis: RedisServer;
let understudy: Understudy;

beforeAll(async () => {
  redis = await startRedis();
  understudy = await createUnderstudy({
    redis: { url: redis.url, database: 3, commandTimeout: 150 },
    breaker: { failures: 1_000, errorRate: 1 },
  });
});

afterAll(async () => {
  await understudy?.stop();
  await redis?.stop();
});

beforeEach(() => {
  recorder.sampling = true;
  recorder.clear();
});

describe('a batch of reads', () => {
  it('is one client span, named and described by the database conventions', async () => {
    await recorder.under('request', () => understudy.cache.getMany(['a', 'b', 'c']));
    const span = recorder.the(`MGET 127.0.0.1:${redis.port}`);
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.attributes).toEqual({
      'db.system.name': 'redis',
      'db.namespace': '3',
      'db.operation.name': 'MGET',
      'server.address': '127.0.0.1',
      'server.port': redis.port,
      'network.peer.address': '127.0.0.1',
      'network.peer.port': redis.port,
      'understudy.batch.size': 3,
    });
    expect(span.status).toBe(SpanStatusCode.UNSET);
  });

  it('has one parent, the first operation, and links to the operations of all the others', async () => {
    const keys = Array.from({ length: 20 }, (_, n) => `key:${n}`);
    await recorder.under('request', () => Promise.all(keys.map((key) => understudy.cache.get(key))));
    const batch = recorder.the(`MGET 127.0.0.1:${redis.port}`);
    const operations = recorder.named('cache.get');
    expect(operations).toHaveLength(20);
    expect(operations.filter((it) => it.spanId === batch.parentId)).toHaveLength(1);
    const others = operations.filter((it) => it.spanId !== batch.parentId);
    expect(new Set(batch.links)).toEqual(new Set(others.map((it) => it.spanId)));
    expect(batch.attributes['understudy.batch.size']).toBe(20);
  });

  it('joins callers of different traces', async () => {
    await Promise.all([
      recorder.under('first', () => understudy.cache.get('one')),
      recorder.under('second', () => understudy.cache.get('two')),
    ]);
    const batch = recorder.the(`MGET 127.0.0.1:${redis.port}`);
    const [first, second] = recorder.named('cache.get');
    expect(batch.traceId).toBe(recorder.the('first').traceId);
    expect(recorder.the('second').traceId).not.toBe(batch.traceId);
    expect([batch.parentId, ...batch.links].sort()).toEqual([first?.spanId, second?.spanId].sort());
  });

  it('is told apart from the other batches of its turn', async () => {
    const keys = Array.from({ length: 150 }, (_, n) => `key:${n}`);
    await recorder.under('request', () =>
      Promise.all([
        ...keys.map((key) => understudy.cache.get(key)),
        understudy.cache.set('other', 1),
        // The same key as the first: it is asked for once, and both wait for it.
        understudy.cache.get('key:0'),
      ]),
    );
    const batches = recorder.named(`MGET 127.0.0.1:${redis.port}`);
    const sizes = batches.map((batch) => batch.attributes['understudy.batch.size']);
    expect(sizes).toEqual([64, 64, 22]);
    expect(batches.map((batch) => 1 + batch.links.length)).toEqual([65, 64, 22]);
    const asked = batches.flatMap((batch) => [batch.parentId, ...batch.links]);
    expect(new Set(asked)).toEqual(new Set(recorder.named('cache.get').map((it) => it.spanId)));
    const written = recorder.the('EVALSHA understudy.write');
    expect([written.parentId, ...written.links]).toEqual([recorder.the('cache.set').spanId]);
  });

  it('ignores the callers that record nothing', async () => {
    const unsampled = async () => {
      recorder.sampling = false;
      await recorder.under('unsampled', () => understudy.cache.get('two'));
    };
    await Promise.all([recorder.under('sampled', () => understudy.cache.get('one')), unsampled()]);
    const batch = recorder.the(`MGET 127.0.0.1:${redis.port}`);
    expect(batch.parentId).toBe(recorder.the('cache.get').spanId);
    expect(batch.links).toEqual([]);
    expect(batch.attributes['understudy.batch.size']).toBe(2);
  });
});

describe('a batch of changes', () => {
  it('is a batch by the conventions, of the script that applies it', async () => {
    await recorder.under('request', () =>
      Promise.all([
        understudy.cache.set('a', 1),
        understudy.cache.delete('b'),
        understudy.cache.increment('c'),
      ]),
    );
    const span = recorder.the('EVALSHA understudy.write');
    expect(span.attributes).toMatchObject({
      'db.operation.name': 'EVALSHA',
      'db.operation.batch.size': 3,
      'db.stored_procedure.name': 'understudy.write',
      'understudy.batch.size': 3,
    });
  });

  it('is none when it is a single change', async () => {
    await recorder.under('request', () => understudy.cache.set('a', 1));
    const { attributes } = recorder.the('EVALSHA understudy.write');
    expect(attributes['understudy.batch.size']).toBe(1);
    expect(attributes).not.toHaveProperty('db.operation.batch.size');
  });
});

describe('a round trip that fails', () => {
  it('says by what word Redis refused', async () => {
    await redis.call('CONFIG', 'SET', 'maxmemory', '1');
    try {
      await recorder.under('request', () => understudy.cache.set('refused', 1));
    } finally {
      await redis.call('CONFIG', 'SET', 'maxmemory', '0');
      const journaled = async () => (await understudy.ask({ type: 'cache.stats' })).journal.entries;
      await expect.poll(journaled).toBe(0);
    }
    const span = recorder.the('EVALSHA understudy.write');
    expect(span.status).toBe(SpanStatusCode.ERROR);
    expect(span.attributes).toMatchObject({ 'error.type': 'OOM', 'db.response.status_code': 'OOM' });
    expect(span.raw.status.message).toBeUndefined();
  });

  it('says that Redis did not answer', async () => {
    await redis.freeze();
    try {
      await recorder.under('request', () => understudy.cache.get('a'));
    } finally {
      await redis.thaw();
    }
    const span = recorder.the(`MGET 127.0.0.1:${redis.port}`);
    expect(span.status).toBe(SpanStatusCode.ERROR);
    expect(span.attributes).toMatchObject({ 'error.type': 'ETIMEDOUT' });
    expect(span.attributes).not.toHaveProperty('db.response.status_code');
    await expect.poll(async () => (await understudy.health()).connected).toBe(true);
  });
});

describe('operations', () => {
  it('have spans of their own under a recording parent', async () => {
    await recorder.under('request', () => understudy.cache.get('a'));
    const operation = recorder.the('cache.get');
    expect(operation.kind).toBe(SpanKind.INTERNAL);
    expect(operation.parentId).toBe(recorder.the('request').spanId);
    expect(recorder.the(`MGET 127.0.0.1:${redis.port}`).parentId).toBe(operation.spanId);
    expect(new Set(recorder.spans.map((span) => span.traceId)).size).toBe(1);
  });

  it('say by what code they failed', async () => {
    await recorder.under('request', () => understudy.cache.get('').catch(() => {}));
    const operation = recorder.the('cache.get');
    expect(operation.status).toBe(SpanStatusCode.ERROR);
    expect(operation.attributes).toEqual({ 'error.type': 'INVALID_KEY' });
    expect(operation.raw.status.message).toBeUndefined();
  });

  it('say nothing of what a loader threw but that it did', async () => {
    const load = () => Promise.reject(Object.assign(new Error('SECRET'), { name: 'SECRET', code: 'SECRET' }));
    const waiting = recorder.under('request', () =>
      Promise.allSettled([0, 1].map(() => understudy.cache.getOrSet('x', load))),
    );
    expect(await waiting).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    const failed = recorder.spans.filter((span) => span.status === SpanStatusCode.ERROR);
    expect(failed.map((span) => [span.name, span.attributes])).toEqual([
      ['cache.acquire', { 'error.type': '_OTHER' }],
    ]);
    // Taken, and given back: nobody waits for the latter.
    const leases = () => recorder.spans.filter(({ name }) => name === 'EVALSHA understudy.lease');
    await expect.poll(() => leases().length).toBe(2);
    expect(new Set(leases().map(({ traceId }) => traceId)).size).toBe(1);
  });

  it('have none without a parent, and their batch is a trace of its own', async () => {
    await understudy.cache.get('a');
    expect(recorder.spans.map((span) => span.name)).toEqual([`MGET 127.0.0.1:${redis.port}`]);
    expect(recorder.spans[0]?.parentId).toBeUndefined();
  });

  it('have none under a parent that is sampled out, nor has their batch', async () => {
    recorder.sampling = false;
    await recorder.under('request', async () => {
      // A trace of its own would be sampled.
      recorder.sampling = true;
      await Promise.all([
        understudy.cache.get('a'),
        understudy.cache.set('b', 1),
        understudy.cache.getMany(['c', 'd']),
        understudy.ask({ type: 'cache.find', key: 'e' }),
      ]);
    });
    expect(recorder.spans).toEqual([]);
  });
});
