import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { freePort } from '../../src/cli/free-port.ts';
import { createUnderstudy, type OptionsInput, type Understudy } from '../../src/index.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { type PostgresServer, startPostgres } from '../servers/postgres-server.ts';
import { LogLines } from '../telemetry/log-lines.ts';

const redis = new SuiteRedis();
const start = understudies();
let postgres: PostgresServer;
let nowhere = '';
let prefix = '';
let lastPrefix = 0;

beforeAll(async () => {
  postgres = await startPostgres({ own: true });
  nowhere = `redis://127.0.0.1:${await freePort()}`;
}, 60_000);
beforeEach(() => {
  prefix = `durable-${++lastPrefix}:`;
});
afterAll(() => postgres?.stop());

/** A machine with too much to do takes longer. */
const PATIENT = { timeout: 40_000 };
vi.setConfig({ testTimeout: 90_000 });

const DURABLE = { tier: 'memory', degraded: true, durable: true };
const IN_MEMORY = { tier: 'memory', degraded: true, durable: false };

/** With Redis out, unless it is given. */
function options(more: OptionsInput = {}): OptionsInput {
  return { redis: { url: nowhere }, durable: { url: postgres.url }, prefix, deadline: 10_000, ...more };
}

function set(understudy: Understudy, key: string, value: unknown = key) {
  return understudy.cache.set(key, value);
}

async function storeOf(understudy: Understudy) {
  return (await understudy.ask({ type: 'cache.stats' })).journal.store;
}

async function rows(): Promise<number> {
  const [row] = await postgres.query(
    `select count(*)::int as count from understudy.journal join understudy.journal_seat using (seat) where space = '${prefix}'`,
  );
  return Number(row?.count);
}

test('with Redis out every change is answered durable, by whatever message it is made', async () => {
  const understudy = await start(options());
  expect(await set(understudy, 'a')).toMatchObject(DURABLE);
  expect(await understudy.ask({ type: 'cache.delete', key: 'a' })).toMatchObject(DURABLE);
  expect(await understudy.ask({ type: 'cache.increment', key: 'n' })).toMatchObject({ ...DURABLE, value: 1 });
  expect(await understudy.ask({ type: 'cache.touch', key: 'n', ttl: '1h' })).toMatchObject(DURABLE);
  const entries = Array.from({ length: 1_500 }, (_, at) => [`many:${at}`, 'x'.repeat(at)] as const);
  expect(await understudy.cache.setMany(entries)).toMatchObject(DURABLE);
  expect(await understudy.ask({ type: 'cache.clear', prefix: 'many:' })).toMatchObject(DURABLE);
  await expect.poll(rows, PATIENT).toBe(3);
});

test('the next start has it before it answers anybody, and replays it once Redis is there', async () => {
  const first = await createUnderstudy(options());
  await redis.call('SET', `${prefix}deleted`, '"old"');
  await redis.call('SET', `${prefix}user:1`, '"old"');
  await set(first, 'kept', 'during');
  await first.cache.set('short', 'expired', { ttl: 1 });
  await first.cache.delete('deleted');
  await first.cache.clear('user:');
  await first.cache.set('user:2', 'after');
  await first.stop();
  const second = await createUnderstudy(options());
  expect(await second.cache.getMany(['kept', 'short', 'deleted', 'user:2'])).toEqual(
    new Map([
      ['kept', 'during'],
      ['user:2', 'after'],
    ]),
  );
  // Later than all that was recovered, whatever the clocks say.
  expect(await set(second, 'kept', 'newer')).toMatchObject(DURABLE);
  await second.stop();
  const third = await start(options(redis.options));
  await expect.poll(rows, PATIENT).toBe(0);
  expect(await third.cache.getMany(['kept', 'short', 'deleted', 'user:1', 'user:2'])).toEqual(
    new Map([
      ['kept', 'newer'],
      ['user:2', 'after'],
    ]),
  );
  expect(await redis.call('EXISTS', `${prefix}deleted`, `${prefix}user:1`, `${prefix}short`)).toBe(0);
});

test('instances that live keep their entries apart, and the entries of a dead one are adopted', async () => {
  const lines = new LogLines();
  const living = await start(options());
  const dying = await createUnderstudy(options());
  await set(living, 'mine');
  await set(dying, 'orphan');
  expect((await living.ask({ type: 'cache.stats' })).journal.entries).toBe(1);
  await dying.stop();
  const heir = await createUnderstudy({ ...options(), logger: lines.logger('info') });
  expect(await heir.cache.getMany(['mine', 'orphan'])).toEqual(new Map([['orphan', 'orphan']]));
  expect(lines.entries).toContainEqual(
    expect.objectContaining({ recovered: 1, msg: 'journal recovered from what another process left' }),
  );
  await heir.stop();
  // The living look for what the dead have left, too.
  await expect.poll(() => living.cache.get('orphan'), PATIENT).toBe('orphan');
});

test('while Postgres is out changes are accepted and say so; back, it gets all of them', async () => {
  const lines = new LogLines();
  const understudy = await createUnderstudy({ ...options(), logger: lines.logger('info') });
  try {
    await set(understudy, 'before');
    await postgres.kill();
    expect(await set(understudy, 'during')).toMatchObject(IN_MEMORY);
    expect(await understudy.ask({ type: 'cache.clear', prefix: 'b' })).toMatchObject(IN_MEMORY);
    const { cache, ready } = await understudy.health();
    expect(ready).toBe(true);
    expect(cache?.journal.store).toMatchObject({
      kind: 'postgres',
      up: false,
      reason: expect.stringMatching(/./),
    });
    await postgres.restart();
    await expect.poll(() => storeOf(understudy), PATIENT).toMatchObject({ up: true, behind: 0 });
    expect(await set(understudy, 'after')).toMatchObject(DURABLE);
    await expect.poll(rows, PATIENT).toBe(3);
    expect(lines.entries.filter(({ msg }) => /store of the journal/.test(String(msg)))).toHaveLength(2);
  } finally {
    await understudy.stop();
  }
});

test('with Postgres out the system starts from memory, and takes it on when it appears', async () => {
  const earlier = await createUnderstudy(options());
  await set(earlier, 'left');
  await earlier.stop();
  await postgres.kill();
  const understudy = await start(options());
  expect(await understudy.cache.get('left')).toBeUndefined();
  expect(await set(understudy, 'meanwhile')).toMatchObject(IN_MEMORY);
  await postgres.restart();
  await expect.poll(() => understudy.cache.get('left'), PATIENT).toBe('left');
  await expect.poll(rows, PATIENT).toBe(2);
});

test('a Postgres that does not answer holds one change up until its deadline, and none after that', async () => {
  const understudy = await start(options({ deadline: 200 }));
  await expect.poll(() => set(understudy, 'a'), PATIENT).toMatchObject(DURABLE);
  const holder = new Client({ connectionString: postgres.url });
  await holder.connect();
  try {
    await holder.query('begin; lock table understudy.journal');
    const began = systemClock.monotonic();
    expect(await set(understudy, 'a', 2)).toMatchObject(IN_MEMORY);
    const first = systemClock.monotonic() - began;
    expect(first).toBeGreaterThan(150);
    const many = await Promise.all(Array.from({ length: 200 }, (_, at) => set(understudy, `b${at}`)));
    expect(many.filter(({ durable }) => durable)).toEqual([]);
    expect((await storeOf(understudy)).behind).toBeGreaterThan(0);
  } finally {
    await holder.end();
  }
  await expect.poll(() => set(understudy, 'a', 3), PATIENT).toMatchObject(DURABLE);
});

test('the bounds of the journal hold as without a store', async () => {
  const understudy = await start(options({ journal: { maxEntries: 3 } }));
  for (const key of ['a', 'b', 'c']) await set(understudy, key);
  await expect(set(understudy, 'd')).rejects.toMatchObject({ code: 'JOURNAL_FULL' });
  expect(await understudy.ask({ type: 'cache.delete', key: 'e' })).toMatchObject(DURABLE);
  // The deletion became one invalidation of everything older.
  await expect.poll(rows, PATIENT).toBe(4);
});

test('a change that took the place of one in the journal, and that Redis then took, leaves nothing behind', async () => {
  const understudy = await start(options(redis.options));
  await redis.call('CLIENT', 'PAUSE', '60000', 'WRITE');
  const late = await understudy.ask({ type: 'cache.set', key: 'a', value: 1 }, { deadline: 50 });
  await redis.call('CLIENT', 'UNPAUSE');
  expect(late).toMatchObject(IN_MEMORY);
  expect(await set(understudy, 'a', 2)).toMatchObject({ durable: true });
  await expect.poll(rows, PATIENT).toBe(0);
  await expect.poll(() => storeOf(understudy), PATIENT).toMatchObject({ up: true, behind: 0 });
});

test('without Redis there is no journal to keep, and the tier is left alone', async () => {
  const understudy = await start({ durable: { url: postgres.url } });
  expect(await storeOf(understudy)).toEqual({ kind: 'memory', up: true, behind: 0, reason: '' });
});

test('no secret of the address is told when it is refused', async () => {
  const url = new URL(postgres.url);
  url.port = String(await freePort());
  url.password = 'hunter2-hunter2';
  const lines = new LogLines();
  const understudy = await createUnderstudy({
    ...options({ durable: { url: url.href } }),
    logger: lines.logger('debug'),
  });
  const report = JSON.stringify(await understudy.health());
  await understudy.stop();
  expect(report).toContain('ECONNREFUSED');
  expect(report + lines.lines.join()).not.toContain('hunter2');
});
