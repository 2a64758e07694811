import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CommandLine } from './command-line.ts';

const root = join(import.meta.dirname, '../..');

test.each([
  [['--help'], ['serve', 'health', 'replay', 'demo']],
  [['serve', '--help'], ['--print-config']],
  [
    ['health', '--help'],
    ['--url', '--token-env', '--json'],
  ],
  [['replay', '--help'], ['--chaos']],
  [['demo', '--help'], ['demo']],
])('understudy %j has examples and exit codes', async (args, words) => {
  const line = new CommandLine(args);
  expect(await line.ended).toEqual({ code: 0, signal: null });
  for (const word of [...words, 'Examples:', 'Exit code: 0']) expect(line.stdout).toContain(word);
});

test.each(['-V', '--version'])('understudy %s prints the version of the package', async (flag) => {
  const line = new CommandLine([flag]);
  expect(await line.ended).toEqual({ code: 0, signal: null });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(line.stdout).toBe(`${version}\n`);
});

test.each([
  [[], 'Usage: understudy'],
  [['serf'], "unknown command 'serf'"],
  [['--nope'], "unknown option '--nope'"],
  [['serve', '--nope'], "unknown option '--nope'"],
  [['serve', 'extra'], 'too many arguments'],
  [['health', '--url', 'ftp://x'], '--url: expected http://'],
  [['health', '--url'], 'argument missing'],
  [['replay'], "missing required argument 'file'"],
  [['__proto__'], "unknown command '__proto__'"],
])('understudy %j is bad usage', async (args, said) => {
  const line = new CommandLine(args);
  expect(await line.ended).toEqual({ code: 2, signal: null });
  expect(line.stderr).toContain(said);
  expect(line.stderr).not.toMatch(/^ +at /m);
  expect(line.stdout).toBe('');
});

test('the first line of the command makes it a program', () => {
  expect(readFileSync(join(root, 'src/cli/main.ts'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});
