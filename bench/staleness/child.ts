// A process that writes, or one that reads what the writer writes, each with near reads on.
import { setTimeout as delay } from 'node:timers/promises';
import { createUnderstudy, type Understudy } from 'understudy-cache';
import { PROBE, type StalenessCommand, type StalenessReport, sharedNow } from './protocol.ts';

/** Writes in a second, the probe's among them. */
const RATE = 10_000;
/** Milliseconds between two writes of the probe. */
const PROBE_INTERVAL = 10;
/** Milliseconds between two reads of it, in each reader. */
const READ_INTERVAL = 1;
const KEYS = 1_000;
const PATIENCE = 10_000;

let understudy: Understudy | undefined;
let value = 0;
let reading: Promise<StalenessReport> | undefined;
let stopped = false;
let reader = false;

async function prepare(port: number): Promise<Understudy> {
  const system = await createUnderstudy({ redis: { host: '127.0.0.1', port }, near: true });
  const began = sharedNow();
  while (!(await system.health()).near.trusted) {
    if (sharedNow() - began > PATIENCE) throw new Error('near reads are not trusted');
    await delay(10);
  }
  return system;
}

async function write({ cache }: Understudy, milliseconds: number): Promise<StalenessReport> {
  const at: [number, number][] = [];
  const pending: Promise<unknown>[] = [];
  const began = sharedNow();
  let writes = 0;
  for (let now = began; now - began < milliseconds; now = sharedNow()) {
    for (const due = ((now - began) * RATE) / 1_000; writes < due; writes++)
      pending.push(cache.set(`key:${writes % KEYS}`, writes));
    if (at.length * PROBE_INTERVAL <= now - began) {
      at.push([++value, sharedNow()]);
      pending.push(cache.set(PROBE, value));
      writes++;
    }
    await delay(1);
  }
  await Promise.all(pending);
  return { type: 'written', at, writes };
}

async function read({ cache }: Understudy): Promise<StalenessReport> {
  const last = new Map<number, number>();
  let near = 0;
  while (!stopped) {
    const found = await cache.find<number>(PROBE);
    if (found.found) last.set(found.value, sharedNow());
    if (found.tier === 'memory' && !found.degraded) near++;
    await delay(READ_INTERVAL);
  }
  return { type: 'read', last: [...last], near };
}

async function answer(command: StalenessCommand): Promise<StalenessReport> {
  if (command.type === 'prepare') {
    understudy = await prepare(command.port);
    reader = command.role === 'reader';
    return { type: 'ready' };
  }
  if (understudy === undefined) throw new Error(`${command.type} came before prepare`);
  if (command.type === 'stop') {
    stopped = true;
    return (await reading) ?? { type: 'ready' };
  }
  if (!reader) return write(understudy, command.milliseconds);
  stopped = false;
  reading = read(understudy);
  return { type: 'ready' };
}

process.on('message', (command: StalenessCommand) => {
  answer(command).then(report, (error: unknown) => report({ type: 'failed', reason: String(error) }));
});
process.on('disconnect', () => process.exit());

function report(message: StalenessReport): void {
  if (process.connected) process.send?.(message);
}
