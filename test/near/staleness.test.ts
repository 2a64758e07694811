import { afterEach, expect, test } from 'vitest';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { startProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { nearValue, untilTrusted } from './near-systems.ts';

const redis = new SuiteRedis();
const start = understudies();

const STALENESS = 300;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let proxy: TcpProxy | undefined;
afterEach(() => proxy?.stop());

test('at no instant is an answer from memory further behind than promised, also when nothing comes through', {
  timeout: 30_000,
}, async () => {
  proxy = await startProxy(redis.server.port);
  const url = `redis://127.0.0.1:${proxy.port}`;
  const reader = await start({ near: { staleness: STALENESS }, redis: { url, commandTimeout: 200 } });
  const writer = await start(redis.options);
  await untilTrusted(reader);
  await writer.cache.set('k', 0);
  expect(await nearValue(reader, 'k')).toBe(0);

  /** When the write of each number was acknowledged. */
  const acknowledged: number[] = [performance.now()];
  const worst = { behind: 0, near: 0, reads: 0 };
  let stopped = false;
  /** What goes wrong right after memory has answered, when there is most to be wrong about. */
  let strike: (() => unknown) | undefined;
  const writing = (async () => {
    for (let n = 1; !stopped; n++) {
      await writer.cache.set('k', n);
      const now = performance.now();
      acknowledged[n] = now;
      // Seldom enough for memory to answer in between, often enough for it to be wrong if it may.
      const enough = worst.reads + 5;
      while (!stopped && worst.reads < enough && performance.now() < now + 20) await turn();
    }
  })();
  const reading = (async () => {
    while (!stopped) {
      const asked = performance.now();
      const found = await reader.cache.find<number>('k');
      if (found.found && found.tier === 'memory' && !found.degraded) {
        worst.near++;
        if (worst.near > 5) {
          strike?.();
          strike = undefined;
        }
        // Since when it has not been the newest: before that it cannot have been wrong.
        const overtaken = acknowledged[found.value + 1];
        if (overtaken !== undefined) worst.behind = Math.max(worst.behind, asked - overtaken);
      }
      worst.reads++;
      await turn();
    }
  })();
  const behindAfter = async (fault: () => unknown): Promise<void> => {
    await untilTrusted(reader);
    worst.near = 0;
    strike = fault;
    await expect.poll(() => strike, { timeout: 10_000 }).toBeUndefined();
    await expect.poll(async () => (await reader.health()).near.trusted, { timeout: 10_000 }).toBe(false);
    await proxy?.heal();
  };
  try {
    await behindAfter(() => proxy?.blackHole());
    await behindAfter(() => proxy?.latency(2 * STALENESS));
    await behindAfter(() => proxy?.refuse());
    await behindAfter(() => proxy?.blackHole());
    await untilTrusted(reader);
  } finally {
    stopped = true;
    await Promise.all([writing, reading]);
  }
  expect(worst.behind).toBeLessThanOrEqual(STALENESS);
});

test('a process whose event loop was blocked asks Redis before it trusts what it holds', async () => {
  const reader = await start({ ...redis.options, near: { staleness: 100 } });
  await untilTrusted(reader);
  await reader.cache.set('k', 1);
  expect(await nearValue(reader, 'k')).toBe(1);
  const until = performance.now() + 150;
  while (performance.now() < until);
  expect(await reader.cache.find('k')).toMatchObject({ value: 1, tier: 'redis' });
});

test('what is read in a process never goes backwards, while others write it and it writes itself', async () => {
  const [one, other] = [
    await start({ ...redis.options, near: true }),
    await start({ ...redis.options, near: true }),
  ];
  await untilTrusted(one, other);
  let stopped = false;
  let memory = 0;
  const reading = async ({ cache }: typeof one): Promise<void> => {
    for (let last = 0; !stopped; ) {
      const found = await cache.find<number>('n');
      const value = found.found ? found.value : 0;
      expect(value).toBeGreaterThanOrEqual(last);
      last = value;
      if (found.tier === 'memory') memory++;
      await turn();
    }
  };
  const readings = [reading(one), reading(one), reading(other), reading(other)];
  try {
    for (let n = 1; n <= 500; n++) {
      const { cache } = n % 3 === 0 ? one : other;
      await cache.set('n', n);
      expect(await cache.get('n')).toBe(n);
    }
    await expect.poll(() => memory).toBeGreaterThan(0);
  } finally {
    stopped = true;
    await Promise.all(readings);
  }
  expect(await nearValue(one, 'n')).toBe(500);
  expect(await nearValue(other, 'n')).toBe(500);
});
