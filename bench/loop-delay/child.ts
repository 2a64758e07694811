// A process that reads and writes values of 10 KB by the clock, and tells how late its event loop is.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { type Cache, createUnderstudy, type OptionsInput } from 'understudy-cache';
import type { LoopDelayCommand, LoopDelayReport } from './loop-delay.ts';

/** Operations a second, every other one a write. */
const RATE = 1_000;
const KEYS = 1_000;
/** Characters of a value as JSON, roughly. */
const LENGTH = 10_000;
const WORDS = 'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor'.split(' ');

function makeValue(seed: number): object {
  const words: string[] = [];
  for (let written = 0, at = seed; written < LENGTH; at = (at * 1_103_515_245 + 12_345) % 2_147_483_648) {
    const word = WORDS[at % WORDS.length] as string;
    words.push(word);
    written += word.length + 1;
  }
  return { id: seed, text: words.join(' ') };
}

let cache: Cache | undefined;
const values = Array.from({ length: KEYS }, (_, seed) => makeValue(seed));

async function prepare(port: number, compression: OptionsInput['compression']): Promise<void> {
  const understudy = await createUnderstudy({
    redis: { host: '127.0.0.1', port },
    prefix: `${compression?.algorithm}:`,
    compression,
  });
  cache = understudy.cache;
  for (const [at, value] of values.entries()) await cache.set(`key:${at}`, value);
}

/** Milliseconds by which timers were late, at the 99th percentile. */
async function run(milliseconds: number): Promise<number> {
  if (cache === undefined) throw new Error('run came before prepare');
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  const pending: Promise<unknown>[] = [];
  histogram.enable();
  const began = performance.now();
  for (let made = 0, passed = 0; passed < milliseconds; passed = performance.now() - began) {
    for (; made < (passed * RATE) / 1_000; made++) {
      const at = (made * 7_919) % KEYS;
      pending.push(made % 2 === 0 ? cache.get(`key:${at}`) : cache.set(`key:${at}`, values[at]));
    }
    await delay(1);
  }
  histogram.disable();
  await Promise.all(pending);
  return histogram.percentile(99) / 1e6;
}

async function answer(command: LoopDelayCommand): Promise<LoopDelayReport> {
  if (command.type === 'run') return { p99: await run(command.milliseconds) };
  await prepare(command.port, command.compression);
  return { p99: await run(command.warmUp) };
}

process.on('message', (command: LoopDelayCommand) => {
  answer(command).then(report, (error: unknown) => report({ failed: String(error) }));
});
process.on('disconnect', () => process.exit());

function report(message: LoopDelayReport): void {
  if (process.connected) process.send?.(message);
}
