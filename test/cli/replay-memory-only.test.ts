import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { replay } from '../../src/cli/replay/replay.ts';
import type { ReplayReport } from '../../src/cli/replay/report.ts';
import type { ReplaySettings } from '../../src/cli/replay/settings.ts';
import { exactLruHitRatio } from './exact-lru.ts';
import { conversations, mooncake, traceFile } from './trace-files.ts';

function memoryOnly(file: string, settings: Partial<ReplaySettings>): Promise<ReplayReport> {
  return replay({
    ...{ file, redis: 'none', capacity: 1_000, valueSize: 250, concurrency: 16, speed: undefined },
    ...{ limit: Infinity, ttl: 3_600_000, faults: [], outage: 0, patience: 0 },
    ...settings,
  });
}

const lines = conversations(1_500);
const generated = mooncake(lines);

test.each([40, 300, 2_000])('with room for %i entries it hits exactly as an LRU does', async (capacity) => {
  const report = await memoryOnly(traceFile(generated), { capacity });
  const exact = exactLruHitRatio(lines, capacity);
  expect(exact).toBeGreaterThan(0.05);
  expect(report).toMatchObject({ errors: 0, operations: lines.flat().length, hitRatio: exact });
});

test('the hit ratio depends on the trace alone: neither on concurrency, nor value size, nor speed', async () => {
  const file = traceFile(generated);
  const reports = await Promise.all([
    memoryOnly(file, { capacity: 100, concurrency: 1 }),
    memoryOnly(file, { capacity: 100, concurrency: 256 }),
    memoryOnly(file, { capacity: 100, valueSize: 20_000 }),
    memoryOnly(file, { capacity: 100, speed: 1_000 }),
  ]);
  expect(new Set(reports.map((report) => report.hitRatio)).size).toBe(1);
});

test('what memory counted is what the caller saw', async () => {
  const { operations, hitRatio, tiers, degraded, journal } = await memoryOnly(traceFile(generated), {});
  expect(tiers.memory.hits + tiers.memory.misses).toBe(operations);
  expect(tiers.memory.hitRatio).toBe(hitRatio);
  expect(tiers.redis).toEqual({ hits: 0, misses: 0, hitRatio: 0 });
  expect({ degraded, journal }).toEqual({
    degraded: { reads: 0, writes: 0 },
    journal: { replayed: 0, lost: 0 },
  });
});

const HALF_A_POINT = 0.005;
const REAL = fileURLToPath(new URL('../../../shared/data/mooncake-conversation.jsonl', import.meta.url));
if (!existsSync(REAL)) console.warn(`SKIPPED: the trace of real conversations is not at ${REAL}`);

test.runIf(existsSync(REAL)).each([1_000, 5_000, 20_000, 50_000])(
  'real conversations with room for %i entries hit as an exact LRU does',
  async (capacity) => {
    const real = readFileSync(REAL, 'utf8').trimEnd().split('\n');
    const references = real.flatMap((line): number[] => JSON.parse(line).hash_ids);
    const exact = exactLruHitRatio(
      references.map((id) => [id]),
      capacity,
    );
    const report = await memoryOnly(REAL, { capacity });
    expect(Math.abs(report.hitRatio - exact)).toBeLessThanOrEqual(HALF_A_POINT);
    expect(report).toMatchObject({ lines: real.length, operations: 288_500, errors: 0 });
  },
);
