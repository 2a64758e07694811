import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../src/cli/free-port.ts';
import { createUnderstudy } from '../../src/index.ts';
import { readValue } from '../../src/wire/stored.ts';
import { startPostgres } from '../servers/postgres-server.ts';
import { startRedis } from '../servers/redis-server.ts';
import { seededRandom } from '../servers/seeded-random.ts';
import { until } from '../servers/until.ts';
import { killedWriter } from './killed-writer.ts';
import type { Acknowledged, WriterTask } from './writer-process.ts';

/** `JOURNAL_KILLS=200 vitest run test/durable/kill.test.ts` is the long run. */
const KILLS = Number(process.env.JOURNAL_KILLS ?? 3);
const SEED = Number(process.env.JOURNAL_KILL_SEED ?? 1);
const LONGEST = KILLS * 30_000 + 120_000;

type Durable = WriterTask['durable'];

/** Kills the writer again and again, then starts a system with Redis and looks whether all that was acknowledged is there. */
async function lossOf(
  durable: Durable,
  gone: () => Promise<unknown>,
): Promise<{ acknowledged: number; lost: string[] }> {
  const random = seededRandom(SEED);
  const prefix = `kill-${process.pid}-${Date.now()}:`;
  const nowhere = `redis://127.0.0.1:${await freePort()}`;
  const newest = new Map<string, Acknowledged>();
  let acknowledged = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const task = { redis: nowhere, durable, prefix, life: kill, keys: 40 };
    // Now and then before it has even begun; else while it writes.
    const atStart = random() < 0.2;
    const life = await killedWriter(task, random() * (atStart ? 1_500 : 400), atStart);
    if (!atStart) expect(life.recovered).toBeGreaterThanOrEqual(newest.size);
    await gone();
    for (const each of life.acknowledged) {
      if ((newest.get(each.key)?.version ?? '') < each.version) newest.set(each.key, each);
    }
    acknowledged += life.acknowledged.length;
  }
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const understudy = await createUnderstudy({
    redis: { url: redis.url, commandTimeout: 20_000 },
    durable: { ...durable, timeout: 60_000 },
    prefix,
  });
  onTestFinished(() => understudy.stop());
  await expect
    .poll(async () => (await understudy.ask({ type: 'cache.stats' })).journal, { timeout: 60_000 })
    .toMatchObject({ entries: 0, store: { up: true, behind: 0 } });
  const lost: string[] = [];
  for (const { key, value, version } of newest.values()) {
    const stored = await redis.call('GET', `${prefix}${key}`);
    const present = typeof stored === 'string' ? readValue(stored) : null;
    // What was not acknowledged may have been kept as well, and be newer.
    const newer =
      typeof stored === 'string' ? stored.includes(version) === false && isNewer(stored, version) : false;
    if (present !== value && !newer && !(await buriedLater(prefix, key, version))) lost.push(key);
  }
  return { acknowledged, lost };

  async function buriedLater(space: string, key: string, version: string): Promise<boolean> {
    const tombstone = await redis.call('GET', `${space}~tombstone:{${space}${key}}`);
    return typeof tombstone === 'string' && tombstone > version;
  }
}

function isNewer(stored: string, version: string): boolean {
  return (/"version":"([^"]+)"/.exec(stored)?.[1] ?? '') > version;
}

test('PGlite: nothing acknowledged is lost by kill -9, and the next start replays it', {
  timeout: LONGEST,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-kill-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const { acknowledged, lost } = await lossOf({ directory }, async () => {});
  process.stderr.write(`PGlite: ${KILLS} kills, ${acknowledged} acknowledged, ${lost.length} lost\n`);
  expect(lost).toEqual([]);
  expect(acknowledged).toBeGreaterThan(KILLS);
});

test('Postgres: nothing acknowledged is lost by kill -9, and the next start replays it', {
  timeout: LONGEST,
}, async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  // The server takes a moment to see that a client has died.
  const sessions = "select from pg_stat_activity where application_name = 'understudy'";
  const sessionsEnded = () =>
    until('the sessions of the dead have ended', async () => (await server.query(sessions)).length === 0, {
      timeoutMs: 20_000,
    });
  const { acknowledged, lost } = await lossOf({ url: server.url }, sessionsEnded);
  process.stderr.write(`Postgres: ${KILLS} kills, ${acknowledged} acknowledged, ${lost.length} lost\n`);
  expect(lost).toEqual([]);
  expect(acknowledged).toBeGreaterThan(KILLS);
});
