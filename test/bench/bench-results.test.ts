import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { Round } from '../../bench/assignment.ts';
import { measure, THROUGHPUT } from '../../bench/figures.ts';
import type { Lap } from '../../bench/race.ts';
import { updateDocuments } from '../../bench/report/document.ts';
import { judge, type Result } from '../../bench/results.ts';
import { against, atLeast, GET_256, type RaceRow } from '../../bench/row.ts';

const ROW: RaceRow = {
  kind: 'race',
  id: 'some-row',
  title: 'something',
  race: against('ioredis', GET_256),
  figure: THROUGHPUT,
  bar: atLeast(2),
  aim: atLeast(3),
};

function round(operations: number): Round {
  return { operations, seconds: 1, cpuMicroseconds: operations, medianMicroseconds: undefined };
}

function judged(...rates: readonly (readonly [own: number, peer: number])[]): Result {
  const laps: Lap[] = rates.map(([own, peer]) => ({ own: round(own), peer: round(peer) }));
  return judge(ROW, THROUGHPUT.unit, measure(THROUGHPUT, laps));
}

test('the ratio is the median of the pairs, not the ratio of the medians', () => {
  const result = judged([1000, 500], [300, 100], [5000, 1000]);
  expect(result).toMatchObject({ ops: 1000, peerOps: 500, ratio: 3, spread: [2, 5], ok: true, aimOk: true });
});

test('a missed bar is told as one', () => {
  expect(judged([150, 100])).toMatchObject({ ratio: 1.5, bar: 2, ok: false, aim: 3, aimOk: false });
});

test('the documentation keeps everything but what stands between the markers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const page = join(folder, 'docs/performance.md');
  const readme = join(folder, 'README.md');
  mkdirSync(join(folder, 'docs'));
  for (const file of [page, readme]) {
    writeFileSync(file, 'before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n');
  }
  const description = {
    node: '24.0.0',
    date: '2026-01-02T03:04:05.678Z',
    machine: { cpu: 'some processor', cores: 2, memory: '4 GiB', system: 'some system' },
    redis: '7.0.0',
    peers: { ioredis: '6.0.0' },
    rounds: 5,
  };
  const tables = { rows: [judged([150, 100])], comparisons: [judged([300, 100])] };
  const update = (): void => updateDocuments(pathToFileURL(`${folder}/`), description, tables);
  update();
  const text = readFileSync(page, 'utf8');
  expect(text).toMatch(/^before\n<!-- bench:begin -->\n\n/);
  expect(text).toMatch(/\n\n<!-- bench:end -->\nafter\n$/);
  expect(text).not.toContain('old');
  expect(text).toContain('Measured on 2026-01-02');
  expect(text).toMatch(
    /\| `some-row` \| something \| .* \| ioredis .* \| 1\.50 x .* \| at least 2 x: missed \|/,
  );
  expect(text).toContain('3.00 x');
  expect(readFileSync(readme, 'utf8')).toContain('1.50 x');
  expect(readFileSync(readme, 'utf8')).not.toContain('3.00 x');
  update();
  expect(readFileSync(page, 'utf8')).toBe(text);
});
