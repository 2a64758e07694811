import { afterAll, beforeAll, test } from 'vitest';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { heldBy } from './held-by-redis.ts';
import { LoadedSystem } from './loaded-system.ts';
import { rideOut } from './ride-out.ts';

const FIVE_SECONDS = 9_500;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

test('a Redis that is frozen for 5 s costs no call and no write', async ({ annotate }) => {
  await using system = await LoadedSystem.start({
    options: { redis: { url: redis.url } },
    held: heldBy(redis, 'understudy:'),
  });
  const freeze = { begin: () => redis.freeze(), end: () => redis.thaw(), lasting: FIVE_SECONDS };
  await rideOut(system, freeze, annotate);
});
