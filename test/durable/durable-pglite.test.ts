import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../src/cli/free-port.ts';
import { createUnderstudy, type OptionsInput } from '../../src/index.ts';
import { DirectoryLock } from '../../src/tiers/pglite/directory-lock.ts';

let directory = '';
let options: OptionsInput = {};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'understudy-directory-'));
  const url = `redis://127.0.0.1:${await freePort()}`;
  options = { redis: { url }, durable: { directory, timeout: 60_000 }, deadline: 10_000 };
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const lockFile = (): string => join(directory, 'understudy.lock');

test('a directory keeps the journal, for one process at a time', { timeout: 120_000 }, async () => {
  const first = await createUnderstudy(options);
  expect(await first.cache.set('a', 1)).toMatchObject({ tier: 'memory', degraded: true, durable: true });
  expect((await first.ask({ type: 'cache.stats' })).journal.store).toMatchObject({
    kind: 'pglite',
    up: true,
  });
  const holder = JSON.parse(readFileSync(lockFile(), 'utf8'));
  expect(holder).toMatchObject({ pid: process.pid, host: hostname(), since: expect.stringMatching(/^20/) });
  await expect(createUnderstudy(options)).rejects.toMatchObject({
    code: 'JOURNAL_LOCKED',
    message: expect.stringContaining(`process ${process.pid} on ${hostname()} since ${holder.since}`),
  });
  await first.stop();
  expect(() => readFileSync(lockFile())).toThrow();
  const second = await createUnderstudy(options);
  expect(await second.cache.get('a')).toBe(1);
  await second.stop();
});

test('the lock of a dead process is taken over; of one that lives it never is', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const alive = { pid: child.pid, host: hostname(), since: '2026-01-01T00:00:00.000Z', token: 't' };
  await writeFile(lockFile(), JSON.stringify(alive));
  await expect(DirectoryLock.take(directory)).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
  expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toEqual(alive);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  const lock = await DirectoryLock.take(directory);
  expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
});

test('a process of another machine is taken for alive, and what is no lock is not taken over', async () => {
  const elsewhere = { pid: 1, host: 'another-machine', since: '2026-01-01T00:00:00.000Z', token: 't' };
  await writeFile(lockFile(), JSON.stringify(elsewhere));
  await expect(DirectoryLock.take(directory)).rejects.toThrow(/process 1 on another-machine since 2026/);
  await writeFile(lockFile(), 'something else');
  await expect(DirectoryLock.take(directory)).rejects.toThrow(/an unknown process/);
  await rm(lockFile());
});

test('a process id that was given out again is another process, where the system tells them apart', async () => {
  const recycled = { pid: process.pid, host: hostname(), since: '2026-01-01', birth: 'b/1', token: 't' };
  await writeFile(lockFile(), JSON.stringify(recycled));
  const taken = await DirectoryLock.take(directory).then(
    (lock) => lock.release(),
    (error: Error & { code: string }) => error.code,
  );
  expect(taken).toBe(process.platform === 'linux' ? undefined : 'JOURNAL_LOCKED');
  await rm(lockFile(), { force: true });
});

test('of many that want it at once one gets it', async () => {
  const takes = await Promise.allSettled(Array.from({ length: 20 }, () => DirectoryLock.take(directory)));
  const taken = takes.filter((each) => each.status === 'fulfilled');
  expect(taken).toHaveLength(1);
  for (const { value } of taken) await value.release();
});
