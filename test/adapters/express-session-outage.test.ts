import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import session from 'express-session';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { sessionStore } from '../../src/adapters/express-session.ts';
import type { OptionsInput, Understudy } from '../../src/index.ts';
import { understudies } from '../cache/systems.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { expressApp } from './express-app.ts';

const PATIENCE = { timeout: 15_000 };
const start = understudies();

// What it has acknowledged is on disk: a session whose end did not reach it would come back with it.
let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
});
afterAll(() => redis?.stop());

const options = (): OptionsInput => ({ redis: { url: redis.url }, deadline: 10_000 });

/** All that was journaled is in Redis. */
async function replayed(understudy: Understudy): Promise<void> {
  const now = async () => {
    const { connected, cache } = await understudy.health();
    return { connected, journaled: cache?.journal.entries };
  };
  await expect.poll(now, PATIENCE).toEqual({ connected: true, journaled: 0 });
}

test('Redis is killed: sessions go on, begin and end, and are so in Redis when it is back', async () => {
  const understudy = await start(options());
  const { browser } = await expressApp(sessionStore(session, understudy));
  const [stays, leaves, comes] = [browser(), browser(), browser()];
  await stays.post('/login/stays');
  await leaves.post('/login/leaves');
  const left = browser(leaves.cookie);

  await redis.kill();
  expect((await stays.me()).user).toBe('stays');
  await stays.post('/visit');
  expect((await stays.me()).visits).toBe(1);
  await comes.post('/login/comes');
  expect((await comes.me()).user).toBe('comes');
  expect(await leaves.post('/logout')).toBe(204);
  expect((await left.me()).user).toBeNull();

  await redis.restart();
  await replayed(understudy);
  // Another process knows what Redis knows, and nothing else.
  const other = await expressApp(sessionStore(session, await start(options())));
  expect(await other.browser(stays.cookie).me()).toMatchObject({ user: 'stays', visits: 1 });
  expect((await other.browser(comes.cookie).me()).user).toBe('comes');
  expect((await other.browser(left.cookie).me()).user).toBeNull();
  expect((await left.me()).user).toBeNull();
});

test('a request that had read a session before it was destroyed in the outage does not bring it back', async () => {
  const understudy = await start(options());
  const store = sessionStore(session, understudy);
  const { browser } = await expressApp(store);
  const ada = browser();
  await ada.post('/login/ada');
  const { id } = await ada.me();
  const seen = Object.assign(new session.Cookie(), { maxAge: 60_000 });

  await redis.kill();
  await ada.post('/logout');
  await new Promise<void>((resolve) => store.touch(id, { cookie: seen }, () => resolve()));
  await redis.restart();
  await new Promise<void>((resolve) => store.touch(id, { cookie: seen }, () => resolve()));
  await replayed(understudy);
  expect((await ada.me()).user).toBeNull();
  expect(await redis.call('EXISTS', `understudy:session:${id}`)).toBe(0);
});

test('with a durable journal, what ended in the outage stays ended though its process stopped before Redis was back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-sessions-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const durable = { ...options(), durable: { directory, timeout: 60_000 } };
  const first = await start(durable);
  const { browser } = await expressApp(sessionStore(session, first));
  const [leaves, comes] = [browser(), browser()];
  await leaves.post('/login/leaves');

  await redis.kill();
  await leaves.post('/logout');
  await comes.post('/login/comes');
  await first.stop();
  await redis.restart();
  const second = await start(durable);
  await replayed(second);
  const app = await expressApp(sessionStore(session, second));
  expect((await app.browser(leaves.cookie).me()).user).toBeNull();
  expect((await app.browser(comes.cookie).me()).user).toBe('comes');
}, 120_000);
