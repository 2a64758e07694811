import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { z } from 'zod';
import type { BenchRedis } from '../redis.ts';

/** All that a figure depends on besides the code. */
export interface RunDescription {
  readonly node: string;
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memory: string;
    readonly system: string;
  };
  readonly redis: string;
  /** Versions of what is measured beside Understudy. */
  readonly peers: Readonly<Record<string, string>>;
  readonly rounds: number;
}

const PEERS = ['ioredis', 'bentocache', 'cache-manager', 'keyv', '@keyv/redis'];

const manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});

export async function describeRun(redis: BenchRedis, rounds: number): Promise<RunDescription> {
  return {
    node: process.versions.node,
    date: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown processor',
      cores: availableParallelism(),
      memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
      system: `${type()} ${release()}`,
    },
    redis: await versionOf(redis),
    peers: peerVersions(),
    rounds,
  };
}

async function versionOf(redis: BenchRedis): Promise<string> {
  const info = String(await redis.call('INFO', 'server'));
  return /^(?:redis|valkey)_version:(\S+)/m.exec(info)?.[1] ?? 'unknown';
}

/** They are pinned. */
function peerVersions(): Record<string, string> {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { dependencies, devDependencies } = manifest.parse(JSON.parse(text));
  const all: Readonly<Record<string, string>> = { ...dependencies, ...devDependencies };
  return Object.fromEntries(PEERS.map((name) => [name, all[name] ?? 'unknown']));
}
