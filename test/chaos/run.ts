import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../servers/postgres-server.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { startProxy, type TcpProxy } from '../servers/tcp-proxy.ts';
import { at, now } from './clock.ts';
import { type Injected, inject } from './faults/inject.ts';
import { scheduleFaults } from './faults/schedule.ts';
import { type FinalState, readFinalState } from './final-state.ts';
import { Fleet } from './fleet.ts';
import { type History, readHistory } from './history/history.ts';
import type { RunSettings } from './settings.ts';

/** What a run leaves to be checked. */
export interface Observed {
  readonly settings: RunSettings;
  readonly history: History;
  readonly final: FinalState;
  readonly faults: readonly Injected[];
}

/** Runs the fleet of one seed through its faults, and looks at what is left. */
export async function run(settings: RunSettings): Promise<Observed> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-chaos-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  // What it confirmed is on the disk: killing it loses nothing of that.
  const redis = stack.use(await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] }));
  const links = await Promise.all(Array.from({ length: settings.processes }, () => startLink(stack, redis)));
  const postgres = settings.durable ? await startPostgres({ own: true }) : undefined;
  stack.defer(() => postgres?.stop());
  const fleet = new Fleet(settings, links, folder, postgres?.url);
  stack.defer(() => fleet.kill());
  await Promise.all(links.map((_, process) => mkdir(fleet.dataFolder(process), { recursive: true })));
  await fleet.start();

  const start = now();
  const faults = await inject(scheduleFaults(settings), { redis, links, fleet }, start);
  await at(start + settings.seconds * 1_000);
  const final = await readFinalState(fleet, redis, settings);
  return { settings, history: await readHistory(fleet.incarnations), final, faults };
}

async function startLink(stack: AsyncDisposableStack, redis: RedisServer): Promise<TcpProxy> {
  return stack.use(await startProxy(redis.port));
}
