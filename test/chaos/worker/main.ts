import { now } from '../clock.ts';
import { COUNTERS, REGISTERS } from '../key-space.ts';
import { randomFor } from '../random.ts';
import type { WorkerSettings } from '../settings.ts';
import type { WorkerCommand, WorkerReport, WorkerStatus } from './messages.ts';
import { Operations } from './operations.ts';
import { Recorder } from './recorder.ts';
import { startSystem } from './system.ts';
import { Workload } from './workload.ts';

/** Milliseconds between two looks at what the system holds. */
const SAMPLE = 50;

const settings: WorkerSettings = JSON.parse(process.argv[2] ?? '{}');
const { seed, namespace } = settings;

const recorder = new Recorder(settings.historyFile);
const mishap = (what: string) => (error: unknown) =>
  recorder.write({
    kind: 'mishap',
    at: now(),
    what: `${what}: ${error instanceof Error ? error.stack : error}`,
  });
process.on('unhandledRejection', mishap('unhandled rejection'));
process.on('uncaughtException', mishap('uncaught exception'));
process.on('disconnect', () => process.exit());

const understudy = await startSystem(settings);
recorder.write({ kind: 'breaker', at: now(), state: 'open' });
understudy.subscribe((event) => {
  if (event.type === 'breaker.changed') recorder.write({ kind: 'breaker', at: now(), state: event.state });
  if (event.type === 'actor.crashed') mishap(`actor ${event.actor} crashed`)(event.error);
});

const stats = () => understudy.ask({ type: 'cache.stats' });
const sampling = setInterval(() => {
  stats().then(
    (found) => recorder.write({ kind: 'stats', at: now(), stats: found }),
    () => undefined,
  );
}, SAMPLE);

const writer = `${namespace}p${settings.process}.${settings.incarnation}`;
const workload = new Workload(new Operations(understudy, recorder), writer);
const load = workload.run(randomFor(seed, `load of ${writer}`));

async function status(): Promise<WorkerStatus> {
  const [{ state }, { journal, waiting }] = await Promise.all([
    understudy.ask({ type: 'circuit-breaker.status' }),
    stats(),
  ]);
  const kept = !settings.durable || (journal.store.up && journal.store.behind === 0);
  return { closed: state === 'closed', journal: journal.entries, waiting, kept };
}

async function readAll(): Promise<[string, unknown][]> {
  const keys = [...REGISTERS, ...COUNTERS];
  return Promise.all(
    keys.map(async (key): Promise<[string, unknown]> => [key, await understudy.cache.get(key)]),
  );
}

async function answer({ type }: WorkerCommand): Promise<WorkerReport> {
  switch (type) {
    case 'quiesce':
      workload.stop();
      await load;
      return { type: 'quiet' };
    case 'status':
      return { type: 'status', status: await status() };
    case 'read':
      return { type: 'values', values: await readAll() };
    case 'stop':
      clearInterval(sampling);
      await understudy.stop();
      return { type: 'stopped' };
  }
}

function report(message: WorkerReport): void {
  if (process.connected) process.send?.(message);
}

process.on('message', (command: WorkerCommand) => {
  answer(command).then(report, mishap(command.type));
});
report({ type: 'ready' });
