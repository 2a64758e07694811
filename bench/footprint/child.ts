// One process of the footprint rows: it holds a million entries and says what they weigh. Started with --expose-gc.
import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { createUnderstudy, type Understudy } from 'understudy-cache';
import { systemClock } from '../../src/runtime/clock.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { encodeStored } from '../../src/wire/stored.ts';
import { makeDataset, TTL } from '../dataset.ts';
import { ENTRIES, type FootprintTask } from './footprint.ts';

/** More than they need. */
const MAX_BYTES = 4_000_000_000;
const BATCH = 500;
/** As many values, under a million keys. */
const { values } = makeDataset(1_000);

const keyAt = (at: number): string => `user:${String(at).padStart(6, '0')}`;
const valueAt = (at: number): object => values[at % values.length] ?? {};

type Held = Understudy | LRUCache<string, string>;

/** What is weighed stays here. */
let held: Held | undefined;

/** A plain cache of the same texts, each with memory of its own. */
async function plain(): Promise<Held> {
  const lru = new LRUCache<string, string>({
    max: ENTRIES,
    maxSize: MAX_BYTES,
    sizeCalculation: (text, key) => 2 * (text.length + key.length),
  });
  const time = new HybridClock(systemClock);
  for (let at = 0; at < ENTRIES; at++) {
    const now = systemClock.now();
    const text = encodeStored(time.next(), now, now + TTL, JSON.stringify(valueAt(at)));
    lru.set(keyAt(at), ` ${text}`.slice(1));
  }
  return lru;
}

async function filled(understudy: Understudy): Promise<Understudy> {
  await inBatches((at) => understudy.cache.set(keyAt(at), valueAt(at), { ttl: TTL }));
  return understudy;
}

async function read(understudy: Understudy): Promise<Understudy> {
  await inBatches(async (at) => {
    if ((await understudy.cache.get(keyAt(at))) === undefined) throw new Error(`${keyAt(at)} was not found`);
  });
  return understudy;
}

async function inBatches(work: (at: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < ENTRIES; from += BATCH)
    await Promise.all(Array.from({ length: BATCH }, (_, offset) => work(from + offset)));
}

const start = (port?: number): Promise<Understudy> =>
  createUnderstudy({
    memory: { maxEntries: ENTRIES, maxBytes: MAX_BYTES },
    ...(port === undefined ? {} : { redis: { host: '127.0.0.1', port } }),
  });

async function hold(task: FootprintTask, port: number): Promise<Held> {
  switch (task) {
    case 'plain':
      return plain();
    case 'store':
      return filled(await start(port));
    case 'set':
      return filled(await start());
    case 'read':
      return read(await filled(await start()));
    case 'redis':
      return read(await start(port));
  }
}

/** Heap and typed arrays, when nothing is left to be collected. */
async function weight(): Promise<number> {
  for (let times = 0; times < 3; times++) {
    globalThis.gc?.();
    await delay(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

process.once('message', async ({ task, port }: { task: FootprintTask; port: number }) => {
  const before = await weight();
  held = await hold(task, port);
  // Whoever asks how much there is sees all of it entered.
  const entries = held instanceof LRUCache ? held.size : ((await held.health()).cache?.memory.entries ?? 0);
  if (entries !== ENTRIES) throw new Error(`${task}: ${entries} entries are held, not ${ENTRIES}`);
  process.send?.((await weight()) - before, () => process.exit());
});
