import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { PrivateRedis } from '../../src/cli/private-redis.ts';
import type { OptionsInput } from '../../src/config/schema.ts';
import type { SystemEvent } from '../../src/runtime/events.ts';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { startCluster } from '../servers/redis-cluster.ts';
import { parseInfo } from '../servers/redis-info.ts';
import { startSentinel } from '../servers/redis-sentinel.ts';
import { cutReplication } from './cut-replication.ts';

const KEYS = 40;
const PATIENT = { deadline: 5_000 };
const FAILOVER_MS = 30_000;

type Reasserted = Extract<SystemEvent, { type: 'redis.reasserted' }>;

async function start(options: OptionsInput): Promise<Understudy> {
  const understudy = await createUnderstudy(options);
  onTestFinished(() => understudy.stop());
  return understudy;
}

interface Group {
  readonly master: PrivateRedis;
  readonly replicas: readonly PrivateRedis[];
}

/**
 * Writes what all replicas have, then what none has, kills the master, and sees that a process that was acknowledged
 * it, and one that was not, find it again.
 */
async function losesNothing(options: OptionsInput, { master, replicas }: Group) {
  const writer = await start(options);
  const { cache } = writer;
  const keys = Array.from({ length: KEYS }, (_, at) => `key-${at}`);
  await cache.setMany(keys.map((key) => [key, 'before'] as const));
  await cache.setMany(['cleared-1', 'cleared-2'].map((key) => [key, 'before'] as const));
  const synced = async () => {
    const info = parseInfo(await master.call('INFO', 'replication'));
    const behind = [...info].filter(
      ([field, line]) =>
        /^slave\d+$/.test(field) && !line.includes(`offset=${info.get('master_repl_offset')}`),
    );
    return behind.length;
  };
  await expect.poll(synced, { timeout: 10_000 }).toBe(0);

  const mend = await cutReplication(master, replicas);
  onTestFinished(() => mend());
  const expected = new Map<string, unknown>();
  for (const [at, key] of keys.entries()) {
    if (at % 4 === 0) {
      expect(await writer.ask({ type: 'cache.delete', key })).toMatchObject({ durable: true });
      expected.set(key, undefined);
    } else {
      expect(await cache.set(key, `after ${at}`)).toMatchObject({ durable: true });
      expected.set(key, `after ${at}`);
    }
  }
  expect(await cache.increment('counter', 5)).toBe(5);
  expect(await cache.set('fresh', 'new', { wait: 1 })).toMatchObject({ durable: false, replicas: 0 });
  expected.set('fresh', 'new');
  expect(await cache.touch('fresh', '5m')).toBe(true);
  await cache.clear('cleared-');
  for (const key of ['cleared-1', 'cleared-2']) expected.set(key, undefined);

  const stranger = await start(options);
  const reasserted = new Promise<Reasserted>((resolve) => {
    writer.subscribe((event) => {
      if (event.type === 'redis.reasserted') resolve(event);
    });
  });
  await master.kill();
  let report: Reasserted | undefined;
  void reasserted.then((event) => {
    report = event;
  });
  // Whatever answers meanwhile, this process never sees anything older than what it wrote.
  const view = async (understudy: Understudy) => {
    const found = await understudy.cache.getMany([...expected.keys()]);
    return new Map([...expected.keys()].map((key) => [key, found.get(key)]));
  };
  const began = performance.now();
  while (report === undefined && performance.now() - began < FAILOVER_MS) {
    expect(await view(writer)).toEqual(expected);
    // What memory answers is answered in the same turn, and the turn must end.
    await setImmediate();
  }
  await mend();
  await expect.poll(() => view(stranger), { timeout: 10_000 }).toEqual(expected);
  expect(await view(writer)).toEqual(expected);
  // What it lost of a counter is counted: added again it might count twice.
  expect(report).toMatchObject({ skipped: 1 });
  expect(report?.restored).toBeGreaterThanOrEqual(KEYS);
  return report;
}

test('Sentinel: what a promoted replica had not heard of is made again', {
  timeout: 60_000,
}, async ({ annotate }) => {
  await using setup = await startSentinel();
  const port = await setup.masterPort();
  const group = {
    master: setup.servers.find((server) => server.port === port) as PrivateRedis,
    replicas: setup.servers.filter((server) => server.port !== port),
  };
  const redis = { sentinel: { name: setup.masterName, nodes: setup.sentinels } };
  const report = await losesNothing({ redis, ...PATIENT }, group);
  await annotate(JSON.stringify(report));
});

test('Cluster: what a promoted replica had not heard of is made again', {
  timeout: 60_000,
}, async ({ annotate }) => {
  await using cluster = await startCluster({ masters: 3, replicas: 3 });
  const prefix = '{promoted}:';
  const master = await cluster.masterOf(prefix);
  const replicas = await Promise.all(
    cluster.nodes.map(async (node) => {
      const role = await node.call('ROLE');
      return Array.isArray(role) && role[0] === 'slave' && role[2] === master.port ? [node] : [];
    }),
  );
  const redis = { cluster: { nodes: cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })) } };
  const report = await losesNothing({ redis, prefix, ...PATIENT }, { master, replicas: replicas.flat() });
  await annotate(JSON.stringify(report));
});
