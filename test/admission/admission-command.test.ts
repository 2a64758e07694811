import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chosenWorkloads } from '../../bench/admission/chosen-workloads.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Ended {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const all = ['bench/admission/main.ts', ...args];
    execFile(process.execPath, all, { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

let folder: string;
let trace: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'admission-'));
  trace = join(folder, 'keys.txt');
  await writeFile(trace, 'a\nb\na\nc\na\n');
});
afterAll(() => rm(folder, { recursive: true }));

test('compares all policies on a trace of the caller, as a table', async () => {
  const { code, stdout, stderr } = await run('--trace', trace);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^\| workload \| capacity \| LRU \|.* optimum \|$/);
  expect(lines.slice(2)).toEqual(
    ['100', '1,000', '5,000', '20,000', '50,000'].map(
      (capacity) => `| keys.txt | ${capacity} |${' 40.0 |'.repeat(9)}`,
    ),
  );
});

test('prints JSON, of the capacities that it was asked for', async () => {
  const { stdout } = await run('--trace', trace, '--json', '--capacity', '1', '3');
  expect(JSON.parse(stdout)).toMatchObject([
    { workload: 'keys.txt', capacity: 1, hitRatios: { LRU: 0, optimum: 0.4 } },
    { workload: 'keys.txt', capacity: 3, hitRatios: { LRU: 0.4, optimum: 0.4 } },
  ]);
});

test('without the trace that is no part of the project it says so, and goes on', async () => {
  const said: string[] = [];
  const found = await chosenWorkloads(undefined, join(folder, 'none'), (line) => said.push(line));
  expect(said).toEqual([`SKIPPED: the workload "trace", there is no ${join(folder, 'none')}`]);
  expect(found.map(({ name }) => name)).toContain('Zipf 0.99');
  expect(found.map(({ name }) => name)).not.toContain('trace');
});

test('with that trace it comes first', async () => {
  const said: string[] = [];
  const [first, ...others] = await chosenWorkloads(undefined, trace, (line) => said.push(line));
  expect(said).toEqual([]);
  expect(first).toMatchObject({ name: 'trace', keys: ['a', 'b', 'a', 'c', 'a'] });
  expect(others.map(({ name }) => name)).toContain('Zipf 0.99');
});

test.each([
  { args: ['--trace', 'no-such-file'], says: 'no-such-file: cannot be read (ENOENT)' },
  { args: ['--costs', '--trace', 'keys.txt'], says: '--costs takes neither --trace nor --capacity' },
  { args: ['--capacity', '0'], says: 'Expected a whole number from 1 to 16777216.' },
  { args: ['--jsonn'], says: "unknown option '--jsonn'" },
])('$args: exit code 2, and why', async ({ args, says }) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(says);
});

test('--help has examples', async () => {
  const { code, stdout } = await run('--help');
  expect(code).toBe(0);
  expect(stdout).toContain('npm run admission -- --trace keys.txt');
});
