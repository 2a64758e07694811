import { afterAll, beforeAll, expect, test } from 'vitest';
import { withDirectRedis } from '../../src/cli/replay/direct-redis.ts';
import { WriteLedger } from '../../src/cli/replay/write-ledger.ts';
import { encodeStored } from '../../src/wire/stored.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const VERSION = '0199aa00aa00-0000-00000000';

async function holds(key: string, write: number): Promise<void> {
  const value = JSON.stringify({ write, text: '' });
  await redis.call('SET', `audit:${key}`, encodeStored(VERSION, 1_700_000_000_000, 1_900_000_000_000, value));
}

async function lost(promise: (ledger: WriteLedger) => void, url = redis.url): Promise<number> {
  const ledger = new WriteLedger();
  promise(ledger);
  return withDirectRedis(url, 'audit:', (read) => ledger.audit(read));
}

test('a write is kept by its value or a newer one; an older one, none, or one of somebody else is a loss', async () => {
  await Promise.all([holds('same', 7), holds('newer', 9), holds('older', 6)]);
  await redis.call('SET', 'audit:foreign', '"not ours"');
  const one = (key: string) => lost((ledger) => ledger.promised(key, 7));
  expect(await one('same')).toBe(0);
  expect(await one('newer')).toBe(0);
  expect(await one('older')).toBe(1);
  expect(await one('missing')).toBe(1);
  expect(await one('foreign')).toBe(1);
});

test('a deletion is kept by the absence of the key or a newer value; the old value back is a loss', async () => {
  await Promise.all([holds('again', 9), holds('revived', 6)]);
  const one = (key: string) => lost((ledger) => ledger.promisedDeletion(key, 7));
  expect(await one('gone')).toBe(0);
  expect(await one('again')).toBe(0);
  expect(await one('revived')).toBe(1);
});

test('of several promises for a key the last counts, in whatever order they were accepted', async () => {
  await holds('twice', 8);
  expect(
    await lost((ledger) => {
      ledger.promised('twice', 9);
      ledger.promised('twice', 8);
    }),
  ).toBe(1);
});

test('what expired meanwhile, and what a later confirmed change replaced, is owed no more', async () => {
  expect(await lost((ledger) => ledger.promised('brief', 7, 0))).toBe(0);
  expect(
    await lost((ledger) => {
      ledger.promised('replaced', 7);
      ledger.paid('replaced');
    }),
  ).toBe(0);
});

test('a server that holds none of a thousand has lost a thousand, and so has one that cannot be asked', async () => {
  const thousand = (ledger: WriteLedger): void => {
    for (let at = 0; at < 1_000; at++) ledger.promised(`nowhere:${at}`, at);
  };
  expect(await lost(thousand)).toBe(1_000);
  expect(await lost(thousand, 'redis://127.0.0.1:1')).toBe(1_000);
});
