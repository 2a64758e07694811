import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createUnderstudy, type OptionsInput } from '../../src/index.ts';
import { understudies } from '../cache/systems.ts';
import { archived, SuitePostgres } from './suite.ts';

const postgres = new SuitePostgres();
const start = understudies();

const FROM_POSTGRES = { found: true, tier: 'postgres', degraded: false, stale: false };

test('memory and the durable tier do without Redis: values survive the process, and more than memory holds', async () => {
  const options = postgres.options({ memory: { maxEntries: 2 } });
  const first = await createUnderstudy(options);
  for (const key of ['a', 'b', 'c', 'd']) await first.cache.set(key, key);
  expect(await first.cache.getMany(['a', 'b', 'c', 'd'])).toEqual(
    new Map([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
      ['d', 'd'],
    ]),
  );
  await first.stop();
  const second = await start(options);
  expect(await second.cache.find('a')).toEqual({ ...FROM_POSTGRES, value: 'a' });
  expect(await second.cache.find('a')).toMatchObject({ value: 'a', tier: 'memory' });
  expect(await second.cache.find('none')).toEqual({ found: false, tier: 'memory', degraded: false });
});

test('counters go on from what the durable tier has, whatever memory has forgotten', async () => {
  const options = postgres.options({ memory: { maxEntries: 1 } });
  const first = await createUnderstudy(options);
  await first.cache.increment('n', 40);
  await first.stop();
  const second = await start(options);
  const sums = await Promise.all([second.cache.increment('n'), second.cache.increment('n')]);
  expect(sums).toEqual([41, 42]);
  await second.cache.set('other', 1);
  await archived(second);
  expect(await second.cache.get('n')).toBe(42);
  expect(await second.cache.touch('none', '1h')).toBe(false);
});

test('a deletion is durable when it is answered; a value when it has been brought there', async () => {
  const understudy = await start(postgres.options());
  expect(await understudy.cache.set('a', 1)).toMatchObject({
    tier: 'memory',
    degraded: false,
    durable: false,
  });
  await archived(understudy);
  expect(await understudy.ask({ type: 'cache.delete', key: 'a' })).toMatchObject({ durable: true });
  expect(await postgres.rows()).toEqual([]);
  await understudy.cache.set('b:1', 1);
  expect(await understudy.ask({ type: 'cache.clear', prefix: 'b:' })).toMatchObject({ durable: true });
  const second = await start(postgres.options());
  expect(await second.cache.getMany(['a', 'b:1'])).toEqual(new Map());
});

test('instances that share a Postgres read what the others wrote, where their own memory has nothing', async () => {
  const [one, other] = await Promise.all([start(postgres.options()), start(postgres.options())]);
  await one.cache.set('a', 'of one');
  await archived(one);
  expect(await other.cache.get('a')).toBe('of one');
  await other.cache.set('b', 'of the other');
  await archived(other);
  expect(await one.cache.getOrSet('b', () => 'loaded')).toBe('of the other');
});

test('with its durable tier out it serves from memory, and a miss says that it may be none', async () => {
  const understudy = await start(
    postgres.options({ durable: { url: 'postgres://127.0.0.1:1/none', values: true } }),
  );
  await understudy.cache.set('a', 1);
  expect(await understudy.cache.find('a')).toMatchObject({ value: 1, tier: 'memory', degraded: false });
  expect(await understudy.cache.find('none')).toEqual({ found: false, tier: 'memory', degraded: true });
  expect(await understudy.cache.delete('a')).toBe(true);
  expect(await understudy.health()).toMatchObject({ status: 'degraded', ready: true });
});

test('an embedded Postgres keeps values for one process at a time, with a journal beside them or without', {
  timeout: 120_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-values-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const values = { timeout: 20_000 };
  const options: OptionsInput = { deadline: 20_000, durable: { directory, timeout: 60_000, values } };
  const first = await createUnderstudy(options);
  await first.cache.set('a', 1);
  await expect(createUnderstudy(options)).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
  await first.stop();
  const second = await createUnderstudy({ ...options, redis: { url: 'redis://127.0.0.1:1' } });
  expect(await second.cache.find('a')).toMatchObject({ value: 1, tier: 'postgres', degraded: true });
  expect(await second.cache.set('b', 1)).toMatchObject({ durable: true, degraded: true });
  await second.stop();
  const third = await createUnderstudy(options);
  expect(await third.cache.getMany(['a', 'b'])).toEqual(
    new Map([
      ['a', 1],
      ['b', 1],
    ]),
  );
  await third.stop();
});

test('a program that has nothing else to do is kept from ending until it has stopped, and no longer', async () => {
  const source = `
    import { createUnderstudy } from './src/index.ts';
    const understudy = await createUnderstudy(${JSON.stringify(postgres.options())});
    await understudy.cache.set('a', 1);
    await understudy.stop();
    console.log('stopped');
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source]);
  expect(stdout).toBe('stopped\n');
  expect(await postgres.rows()).toHaveLength(1);
});
