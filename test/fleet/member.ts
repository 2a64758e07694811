import { createUnderstudy } from '../../src/index.ts';
import type { Order, Report } from './orders.ts';

/** A process of the fleet: a system that does what it is told over IPC, and says how it went. */
const understudy = await createUnderstudy(JSON.parse(process.argv[2] ?? '{}'));
let loads = 0;

const send = (report: Report): void => {
  process.send?.(report);
};

/** So many callers of one key at once, with a loader that takes its time. */
async function ask({ key, callers, takes }: Order): Promise<void> {
  loads = 0;
  const load = async (): Promise<string> => {
    loads++;
    send({ kind: 'loading' });
    await new Promise((resolve) => setTimeout(resolve, takes));
    return `loaded by ${process.pid}`;
  };
  const began = performance.now();
  const asked = Array.from({ length: callers }, () => understudy.cache.getOrSet(key, load));
  const values = [...new Set(await Promise.all(asked))];
  send({ kind: 'answered', values, loads, took: performance.now() - began });
}

process.on('message', (order: Order) => void ask(order));
process.on('disconnect', () => process.exit());
const { connected } = await understudy.health();
send({ kind: 'ready', connected });
