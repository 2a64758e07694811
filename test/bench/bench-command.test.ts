import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Outcome {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function runBench(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const all = ['bench/main.ts', '--wipe-redis', String(redis.port), ...args];
    execFile(process.execPath, all, { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

const raced = z.object({
  id: z.string(),
  ops: z.number().positive(),
  peer: z.string(),
  peerOps: z.number().positive(),
  ratio: z.number().positive(),
  bar: z.number(),
  ok: z.boolean(),
});

const report = z.object({
  node: z.literal(process.versions.node),
  rounds: z.number(),
  rows: z.array(raced),
  comparisons: z.array(
    z.object({ id: z.string(), ops: z.number().positive(), bar: z.undefined().optional() }),
  ),
});

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

describe('npm run bench', () => {
  test('prints as JSON what it measured of the rows it was asked for, bars apart from comparisons', async () => {
    const { code, stdout, stderr } = await runBench(
      ...['--json', '--rounds', '2', '--operations', '300'],
      ...['--row', 'redis-get-256', 'memory-hit-bentocache', 'redis-get-256-keyv'],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { rows, comparisons, rounds } = report.parse(JSON.parse(stdout));
    expect(rounds).toBe(2);
    expect(rows.map(({ id, peer, bar }) => [id, peer, bar])).toEqual([
      ['redis-get-256', 'ioredis', 2.2],
      ['memory-hit-bentocache', 'bentocache', 2],
    ]);
    for (const { ratio, bar, ok } of rows) expect(ok).toBe(ratio >= bar);
    expect(comparisons.map(({ id }) => id)).toEqual(['redis-get-256-keyv']);
  });

  test('prints an aligned table that says how each bar fared', async () => {
    const { code, stdout } = await runBench('--rounds', '1', '--operations', '50', '--row', 'redis-get-1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^row +Understudy +peer +ratio \(range\) +bar +aim\n/);
    expect(stdout).toMatch(/\nredis-get-1 +[\d.]+ us +ioredis [\d.]+ us .* at most 1\.15 x: (ok|missed) /);
  });

  test('refuses a row that does not exist with exit code 2 and the names of those that do', async () => {
    const { code, stdout, stderr } = await runBench('--row', 'redis-get-257');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('redis-get-256,');
  });
});
