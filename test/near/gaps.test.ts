import { describe, expect, test } from 'vitest';
import type { OptionsInput, Understudy } from '../../src/index.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { injectCrashes } from '../faults/crash-injection.ts';
import { startCluster } from '../servers/redis-cluster.ts';
import { startSentinel } from '../servers/redis-sentinel.ts';
import { nearValue, untilTrusted } from './near-systems.ts';

const redis = new SuiteRedis();
const start = understudies();

const status = (understudy: Understudy) => understudy.ask({ type: 'coherence.status' });

async function startNear(options: OptionsInput = {}): Promise<Understudy> {
  const understudy = await start({ ...redis.options, near: true, ...options });
  await untilTrusted(understudy);
  await understudy.cache.set('k', 1);
  expect(await nearValue(understudy, 'k')).toBe(1);
  return understudy;
}

/** Waits for another epoch in which memory answers. */
async function untilTrustedAgain(understudy: Understudy, gaps: number): Promise<void> {
  await expect.poll(async () => (await status(understudy)).gaps, { timeout: 30_000 }).toBeGreaterThan(gaps);
  await untilTrusted(understudy);
}

describe('what was changed while nothing was heard is not answered', () => {
  test.each(['pubsub', 'normal'])('because the connections of type %s were killed', async (type) => {
    const understudy = await startNear();
    const { gaps } = await status(understudy);
    // They are gone at the server when this is answered: nobody is told of what comes next.
    await redis.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
    await redis.call('SET', 'understudy:k', '2');
    await untilTrustedAgain(understudy, gaps);
    expect(await understudy.cache.get('k')).toBe(2);
    expect(await nearValue(understudy, 'k')).toBe(2);
  });

  test('because the coherence actor crashed', async () => {
    const crash = injectCrashes();
    const understudy = await startNear();
    const { gaps } = await status(understudy);
    crash('coherence');
    await redis.call('SET', 'understudy:k', '2');
    await untilTrustedAgain(understudy, gaps);
    expect(await understudy.cache.get('k')).toBe(2);
    expect(await nearValue(understudy, 'k')).toBe(2);
  });

  test('because Redis was out: memory serves meanwhile, and is read again afterwards', async () => {
    const understudy = await startNear();
    const { cache } = understudy;
    const { gaps } = await status(understudy);
    await redis.server.kill();
    await expect.poll(() => cache.find('k')).toMatchObject({ value: 1, tier: 'memory', degraded: true });
    expect((await understudy.health()).near).toMatchObject({ trusted: false });
    await redis.server.restart();
    await untilTrustedAgain(understudy, gaps);
    // The new server knows nothing of it.
    await expect.poll(() => cache.get('k')).toBeUndefined();
  });

  test('because Redis was frozen', async () => {
    const understudy = await startNear({ near: { staleness: 200 }, redis: { url: redis.server.url } });
    const { cache } = understudy;
    await redis.server.freeze();
    try {
      await expect
        .poll(() => cache.find('k'), { timeout: 5_000 })
        .toMatchObject({ value: 1, tier: 'memory', degraded: true });
    } finally {
      await redis.server.thaw();
    }
    await untilTrusted(understudy);
    await redis.call('SET', 'understudy:k', '3');
    await expect.poll(() => cache.get('k')).toBe(3);
    expect(await nearValue(understudy, 'k')).toBe(3);
  });
});

describe('what is written while Redis is out', () => {
  test('is answered until it is replayed, and its replay is seen by others', async () => {
    const understudy = await startNear();
    await redis.server.kill();
    await expect.poll(() => understudy.cache.find('k')).toMatchObject({ degraded: true });
    await understudy.cache.set('k', 'written meanwhile');
    expect(await understudy.cache.get('k')).toBe('written meanwhile');
    await redis.server.restart();
    const other = await start({ ...redis.options, near: true });
    await expect.poll(() => other.cache.get('k'), { timeout: 10_000 }).toBe('written meanwhile');
    await untilTrusted(understudy);
    expect(await nearValue(understudy, 'k')).toBe('written meanwhile');
  });
});

test('without a right to hear anything, reads go to Redis and health says why', async () => {
  await redis.call('ACL', 'SETUSER', 'deaf', 'reset', 'on', '>canary', '~*', '+@all', '-subscribe');
  const understudy = await start({
    near: true,
    redis: { ...redis.options.redis, username: 'deaf', password: 'canary' },
  });
  await understudy.cache.set('k', 1);
  await expect
    .poll(async () => (await understudy.health()).near.reason, { timeout: 5_000 })
    .toMatch(/permissions|NOPERM/);
  expect((await understudy.health()).near).toMatchObject({ mode: 'none', trusted: false });
  expect(await understudy.cache.find('k')).toMatchObject({ value: 1, tier: 'redis', degraded: false });
});

test('on a Cluster, a master that is replaced is a gap, and its successor is heard', {
  timeout: 60_000,
}, async () => {
  await using cluster = await startCluster({ masters: 3, replicas: 3 });
  const nodes = cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  const options = { redis: { cluster: { nodes }, commandTimeout: 2_000 }, deadline: 5_000 };
  const [understudy, writer] = [await start({ ...options, near: true }), await start(options)];
  await untilTrusted(understudy);
  const keys = Array.from({ length: 20 }, (_, at) => `k${at}`);
  await writer.cache.setMany(keys.map((key) => [key, 1]));
  for (const key of keys) expect(await nearValue(understudy, key)).toBe(1);
  const { gaps } = await status(understudy);
  await cluster.killMasterOf('understudy:k0');
  await expect.poll(async () => (await writer.cache.set('k0', 2)).durable, { timeout: 20_000 }).toBe(true);
  await untilTrustedAgain(understudy, gaps);
  await expect.poll(() => understudy.cache.get('k0'), { timeout: 10_000 }).toBe(2);
  await writer.cache.setMany(keys.map((key) => [key, 3]));
  for (const key of keys) await expect.poll(() => understudy.cache.get(key), { timeout: 5_000 }).toBe(3);
});

test.each(['kill', 'freeze'] as const)(
  'of a Sentinel group whose master is lost (%s), nothing of the old one is answered',
  {
    timeout: 60_000,
  },
  async (fault) => {
    await using group = await startSentinel();
    const options = {
      redis: { sentinel: { name: group.masterName, nodes: group.sentinels }, commandTimeout: 500 },
    };
    const [understudy, writer] = [await start({ ...options, near: true }), await start(options)];
    await untilTrusted(understudy);
    await writer.cache.set('k', 1);
    expect(await nearValue(understudy, 'k')).toBe(1);
    const { gaps } = await status(understudy);
    const port = await group.masterPort();
    const master = group.servers.find((server) => server.port === port);
    await master?.[fault]();
    await expect.poll(() => group.masterPort(), { timeout: 20_000 }).not.toBe(port);
    await expect.poll(async () => (await writer.cache.set('k', 2)).durable, { timeout: 20_000 }).toBe(true);
    // It goes on as a master, until the sentinels tell it otherwise.
    if (fault === 'freeze') await master?.thaw();
    await expect.poll(() => understudy.cache.get('k'), { timeout: 10_000 }).toBe(2);
    await untilTrustedAgain(understudy, gaps);
    expect(await nearValue(understudy, 'k')).toBe(2);
    await writer.cache.set('k', 3);
    await expect.poll(() => understudy.cache.get('k'), { timeout: 5_000 }).toBe(3);
  },
);

test('the rights that the documentation names are enough, and tracking needs no more', async () => {
  const rights = ['~understudy:*', '-@all', '+auth', '+ping', '+time', '+get', '+mget', '+set', '+unlink'];
  const scripts = ['+pexpire', '+scan', '+eval', '+evalsha', '+script|load', '+client|setname'];
  const near = ['resetchannels', '+subscribe', '+publish', '+client|id', '+client|tracking'];
  const channels = ['&__redis__:invalidate', '&understudy:~heartbeat:*'];
  const all = [...rights, ...scripts, ...near, ...channels];
  await redis.call('ACL', 'SETUSER', 'tracked', 'reset', 'on', '>canary', ...all);
  const understudy = await start({
    near: true,
    redis: { ...redis.options.redis, username: 'tracked', password: 'canary' },
  });
  await untilTrusted(understudy);
  expect((await understudy.health()).near.mode).toBe('tracking');
  const announcing = ['-client|tracking', '+pubsub|numsub', '+getrange', '&understudy:~*'];
  await redis.call('ACL', 'SETUSER', 'announced', 'reset', 'on', '>canary', ...all, ...announcing);
  const listener = await start({
    near: true,
    redis: { ...redis.options.redis, username: 'announced', password: 'canary' },
  });
  await untilTrusted(listener);
  expect((await listener.health()).near.mode).toBe('pubsub');
  await listener.cache.set('k', 1);
  expect(await nearValue(listener, 'k')).toBe(1);
  const writer = await start({
    redis: { ...redis.options.redis, username: 'announced', password: 'canary' },
  });
  await writer.cache.set('k', 2);
  await expect.poll(() => listener.cache.get('k')).toBe(2);
});
