import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findRedisBinary, RedisBinaryNotFoundError } from '../../src/cli/redis-binary.ts';

let root: string;
const at = (...path: string[]) => join(root, ...path);
const PATH = (...directories: string[]) => ({ PATH: directories.map((name) => at(name)).join(delimiter) });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'understudy-path-'));
  await Promise.all(
    ['redis', 'valkey', 'plain', 'folder/redis-server'].map((name) => mkdir(at(name), { recursive: true })),
  );
  await writeFile(at('redis', 'redis-server'), '', { mode: 0o755 });
  await writeFile(at('valkey', 'valkey-server'), '', { mode: 0o755 });
  await writeFile(at('plain', 'redis-server'), '', { mode: 0o644 });
});

afterAll(() => rm(root, { recursive: true }));

test('REDIS_SERVER_BIN goes before PATH', () => {
  const env = { REDIS_SERVER_BIN: at('valkey', 'valkey-server'), ...PATH('redis') };
  expect(findRedisBinary(env)).toBe(at('valkey', 'valkey-server'));
});

test('redis-server goes before valkey-server, wherever they are on PATH', () => {
  expect(findRedisBinary(PATH('valkey', 'redis'))).toBe(at('redis', 'redis-server'));
  expect(findRedisBinary(PATH('valkey'))).toBe(at('valkey', 'valkey-server'));
});

test('what cannot be executed is passed over', () => {
  expect(findRedisBinary(PATH('plain', 'folder', 'redis'))).toBe(at('redis', 'redis-server'));
});

test('none says what to install', () => {
  expect(() => findRedisBinary(PATH('plain'))).toThrow(RedisBinaryNotFoundError);
  expect(() => findRedisBinary({})).toThrow(
    /apt-get install redis-server.*brew install redis.*REDIS_SERVER_BIN/,
  );
});

test('a REDIS_SERVER_BIN that names nothing is an error, not a reason to search PATH', () => {
  const env = { REDIS_SERVER_BIN: at('nowhere'), ...PATH('redis') };
  expect(() => findRedisBinary(env)).toThrow(`REDIS_SERVER_BIN=${at('nowhere')} is not an executable file`);
});
