import { afterEach, beforeEach, expect, test } from 'vitest';
import { redisCall } from '../../src/cli/redis-socket.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { expectBars, TIME_TO_RETURN } from './bars.ts';
import { heldBy } from './held-by-redis.ts';
import { LoadedSystem, now } from './loaded-system.ts';
import { rideOut } from './ride-out.ts';

const ADMIN = 'canary-of-the-administrator';
const SECRET = 'canary-of-the-application';

let redis: RedisServer;
beforeEach(async () => {
  redis = await startRedis();
  // Whatever becomes of the default user, somebody can undo it.
  await redis.call('ACL', 'SETUSER', 'admin', 'on', `>${ADMIN}`, '~*', '+@all');
});
afterEach(() => redis.stop());

const admin = {
  call: (...command: (string | number)[]) =>
    redisCall(redis.port, command, { username: 'admin', password: ADMIN }),
};

/** Those who are connected have proved who they are already. */
async function change(...command: string[]): Promise<void> {
  await admin.call(...command);
  await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
}

test('NOAUTH: a password is wanted all of a sudden', async ({ annotate }) => {
  await using system = await LoadedSystem.start({
    options: { redis: { url: redis.url } },
    held: heldBy(admin, 'understudy:'),
  });
  const begin = () => change('CONFIG', 'SET', 'requirepass', 'another');
  const end = () => admin.call('CONFIG', 'SET', 'requirepass', '');
  await rideOut(system, { begin, end }, annotate);
});

test('WRONGPASS: the password is not the one it was, and no word of it gets out', async ({ annotate }) => {
  await redis.call('ACL', 'SETUSER', 'app', 'on', `>${SECRET}`, '~*', '+@all');
  await using system = await LoadedSystem.start({
    options: { redis: { url: redis.url, username: 'app', password: SECRET } },
    held: heldBy(admin, 'understudy:'),
  });
  const begin = () => change('ACL', 'SETUSER', 'app', 'resetpass', '>another');
  const end = () => admin.call('ACL', 'SETUSER', 'app', `>${SECRET}`);
  await rideOut(system, { begin, end }, annotate);
  const told = JSON.stringify([system.timeline.entries, await system.understudy.health()]);
  expect(told).toContain('WRONGPASS');
  expect(told).not.toContain(SECRET);
});

test('NOPERM: without the right to write, Redis still serves reads, and writes wait for the right', async ({
  annotate,
}) => {
  await redis.call('ACL', 'SETUSER', 'app', 'on', `>${SECRET}`, '~*', '+@all');
  await using system = await LoadedSystem.start({
    options: {
      redis: { url: redis.url, username: 'app', password: SECRET, commandTimeout: 2_000 },
      deadline: 5_000,
    },
    held: heldBy(admin, 'understudy:'),
  });
  await admin.call('ACL', 'SETUSER', 'app', '-@write');
  await system.answered(100);
  const revoked = now();
  await system.answered(1_000);
  const during = system.load.calls.filter(({ began }) => began > revoked);
  await admin.call('ACL', 'SETUSER', 'app', '+@write');
  const granted = now();
  await system.answered(400);
  const report = await system.finish();
  await annotate(JSON.stringify({ journalEmpty: now() - granted, ...report }));

  expect(system.timeline.open()).toEqual([]);
  expect(during.some(({ operation, tier }) => operation === 'get' && tier === 'redis')).toBe(true);
  expect(during.filter(({ operation, degraded }) => operation === 'set' && !degraded)).toEqual([]);
  expectBars(report);
  expect(now() - granted).toBeLessThanOrEqual(TIME_TO_RETURN);
});
