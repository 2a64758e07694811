import { setTimeout as delay } from 'node:timers/promises';
import type { RedisServer } from '../servers/redis-server.ts';
import { now } from './clock.ts';
import type { Fleet } from './fleet.ts';
import { COUNTERS, markerOf, REGISTERS } from './key-space.ts';
import { namespaceOf, type RunSettings } from './settings.ts';
import type { FleetProcess } from './worker/fleet-process.ts';

/** Milliseconds that everything has, once all is well, to become what it should be. */
const PATIENCE = 20_000;

/** What one process, or Redis, held of each key when everything had settled. */
interface Snapshot {
  /** A process, or `redis`. */
  readonly holder: string;
  readonly namespace: string;
  readonly values: ReadonlyMap<string, unknown>;
}

export interface FinalState {
  readonly snapshots: readonly Snapshot[];
  /** When the snapshots were begun. */
  readonly at: number;
  /** What kept it from settling. */
  readonly unsettled: readonly string[];
}

/** Ends the load, waits until nothing is on its way any more, and reads all keys everywhere. */
export async function readFinalState(
  fleet: Fleet,
  redis: RedisServer,
  settings: RunSettings,
): Promise<FinalState> {
  const unsettled: string[] = [];
  const complain = (error: unknown): void => {
    unsettled.push(error instanceof Error ? error.message : String(error));
  };
  await Promise.all(fleet.current.map((one) => one.ask({ type: 'quiesce' }, 'quiet').catch(complain)));
  await Promise.all(fleet.current.map((one) => settled(one).catch(complain)));
  // A near cache has this long to hear of the last changes.
  if (settings.near) await delay(settings.staleness);
  const at = now();
  const snapshots: Snapshot[] = [];
  for (const one of fleet.current) {
    const { namespace } = one.settings;
    await one.ask({ type: 'read' }, 'values').then(({ values }) => {
      snapshots.push({ holder: one.name, namespace, values: new Map(values) });
    }, complain);
  }
  const namespaces = new Set(
    fleet.current.map((one) => namespaceOf(one.settings.process, settings.processes)),
  );
  for (const namespace of namespaces) snapshots.push(await inRedis(redis, namespace));
  await Promise.all(fleet.current.map((one) => one.ask({ type: 'stop' }, 'stopped').catch(complain)));
  return { snapshots, at, unsettled };
}

async function settled(one: FleetProcess): Promise<void> {
  const end = now() + PATIENCE;
  for (;;) {
    const { status } = await one.ask({ type: 'status' }, 'status');
    if (status.closed && status.journal === 0 && status.waiting === 0 && status.kept) return;
    if (now() > end) {
      throw new Error(
        `${one.name} did not settle: breaker ${status.closed ? '' : 'not '}closed, ` +
          `${status.journal} journaled, ${status.waiting} waiting, its journal ${status.kept ? '' : 'not '}kept`,
      );
    }
    await delay(20);
  }
}

async function inRedis(redis: RedisServer, namespace: string): Promise<Snapshot> {
  const keys = [...REGISTERS, ...COUNTERS];
  const texts = await redis.call('MGET', ...keys.map((key) => namespace + key));
  const values = new Map<string, unknown>();
  const marks = await marksIn(redis, namespace, keys);
  for (const [index, key] of keys.entries()) {
    const text = Array.isArray(texts) ? texts[index] : null;
    const stored = typeof text === 'string' ? JSON.parse(text) : undefined;
    const marker = markerOf(key);
    const gone = marker !== undefined && !(stored?.version >= (marks.get(marker) ?? '~'));
    values.set(key, gone ? undefined : stored?.value);
  }
  return { holder: 'redis', namespace, values };
}

/** Up to when what depends on each marker is gone; one that is not there says that everything was. */
async function marksIn(
  redis: RedisServer,
  namespace: string,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const markers = [...new Set(keys.flatMap((key) => markerOf(key) ?? []))];
  const texts = await redis.call('MGET', ...markers.map((marker) => namespace + marker));
  const marks = new Map<string, string>();
  for (const [index, marker] of markers.entries()) {
    const text = Array.isArray(texts) ? texts[index] : null;
    if (typeof text === 'string') {
      const { since, invalidated } = JSON.parse(text);
      marks.set(marker, since > invalidated ? since : invalidated);
    }
  }
  return marks;
}
