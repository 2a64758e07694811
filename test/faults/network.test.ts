import { afterAll, afterEach, beforeAll, beforeEach, test } from 'vitest';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { startProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { expectBars, TIME_TO_RETURN } from './bars.ts';
import { heldBy } from './held-by-redis.ts';
import { LoadedSystem, now } from './loaded-system.ts';
import { rideOut } from './ride-out.ts';

let redis: RedisServer;
let proxy: TcpProxy;
let prefix = 0;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  proxy = await startProxy(redis.port);
  prefix++;
});
afterEach(() => proxy.stop());

function start(): Promise<LoadedSystem> {
  return LoadedSystem.start({
    options: { prefix: `${prefix}:`, redis: { host: '127.0.0.1', port: proxy.port } },
    held: heldBy(redis, `${prefix}:`),
  });
}

test('a network that swallows everything', async ({ annotate }) => {
  await using system = await start();
  await rideOut(
    system,
    { begin: () => proxy.blackHole(), end: () => proxy.heal(), lasting: 2_000 },
    annotate,
  );
});

test('a network that refuses connections', async ({ annotate }) => {
  await using system = await start();
  await rideOut(system, { begin: () => proxy.refuse(), end: () => proxy.heal() }, annotate);
});

test('replies that take longer than the command timeout', async ({ annotate }) => {
  await using system = await start();
  await rideOut(
    system,
    { begin: () => proxy.latency(300), end: () => proxy.heal(), lasting: 2_000 },
    annotate,
  );
});

test('connections that close in the middle of a reply', async ({ annotate }) => {
  await using system = await start();
  for (let cut = 0; cut < 4; cut++) {
    proxy.closeMidReply(20 + cut * 97);
    await system.answered(400);
  }
  const report = await system.finish();
  await annotate(JSON.stringify(report));
  expectBars(report);
});

test('a connection that falls silent in the middle of a reply', async ({ annotate }) => {
  await using system = await start();
  proxy.truncate(100);
  await system.answered(1_200);
  await system.servedByRedis(now(), TIME_TO_RETURN);
  const report = await system.finish();
  await annotate(JSON.stringify(report));
  expectBars(report);
});
