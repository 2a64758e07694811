import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

interface Ended {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: string[]): Promise<Ended> {
  return execute(['bench/admission/main.ts', ...args], ROOT);
}

function execute(args: readonly string[], cwd: string): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd }, (error, stdout, stderr) => {
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

test('without the trace that is no part of the project it says so, and goes on', {
  timeout: 60_000,
}, async () => {
  const alone = join(folder, 'project');
  await mkdir(alone);
  for (const part of ['src', 'bench', 'test', 'actors', 'node_modules', 'package.json']) {
    await symlink(join(ROOT, part), join(alone, part));
  }
  const args = [
    '--preserve-symlinks',
    '--preserve-symlinks-main',
    'bench/admission/main.ts',
    '--capacity',
    '1',
  ];
  const { code, stdout, stderr } = await execute(args, alone);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^SKIPPED: the workload "trace", there is no .*\n$/);
  expect(stdout).not.toContain('| trace |');
  expect(stdout).toContain('| Zipf 0.99 | 1 |');
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
