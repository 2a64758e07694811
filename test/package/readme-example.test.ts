import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';

const ENTRY = new URL('../../src/index.ts', import.meta.url).href;
const URL_IN_README = 'redis://127.0.0.1:6379';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
const example = /```ts\n(?<code>.*?)```/s.exec(readme)?.groups?.code ?? '';
/** The statements that say in a comment what comes of them. */
const ANSWER = /^await (?<call>.*); \/\/ (?<comment>.*)$/gm;

let redis: RedisServer;
let folder: string;
beforeAll(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'readme-example-'));
});
afterAll(async () => {
  await redis?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What the comments promise, as values; a comment in words promises none. */
function promised(): unknown[] {
  return [...example.matchAll(ANSWER)].map(({ groups }) => {
    try {
      return JSON.parse(JSON.stringify(runInNewContext(`(${groups?.comment})`)));
    } catch {
      return undefined;
    }
  });
}

/** Runs the example in a process of its own, and tells what each of its statements answered. */
async function answers(): Promise<unknown[]> {
  const program = example
    .replace("from 'understudy-cache'", `from '${ENTRY}'`)
    .replace(URL_IN_README, redis.url)
    .replaceAll(ANSWER, 'console.log(JSON.stringify(await $<call>));');
  const file = join(folder, 'example.ts');
  await writeFile(file, program);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 60_000 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('the example is no longer than its title says, and its comments say what comes of it', () => {
  const lines = example.split('\n').filter((line) => line.trim() !== '');
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.length).toBeLessThanOrEqual(20);
  expect(example).toContain(URL_IN_README);
  expect(promised().filter((value) => value !== undefined).length).toBeGreaterThanOrEqual(3);
});

test('it does on a Redis what its comments say, and without one the same from memory', async () => {
  const expected = promised();
  const seen = await answers();
  expect(seen.map((value, at) => (expected[at] === undefined ? undefined : value))).toEqual(expected);
  // The value that was loaded, of which the comment tells how often.
  expect(seen).toContainEqual({ name: 'Grace' });

  await redis.stop();
  const degraded = seen.map((value) => {
    const found = typeof value === 'object' && value !== null && 'tier' in value;
    return found ? { ...value, tier: 'memory', degraded: true } : value;
  });
  expect(await answers()).toEqual(degraded);
}, 120_000);

test('each command that README names is one of the package', async () => {
  const { scripts } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  const commands = readme.matchAll(/\b(?:npm (?:run )?|node --run )(?<name>start|test|(?<=run )[\w:-]+)/g);
  const names = new Set([...commands].map(({ groups }) => groups?.name ?? ''));
  expect([...names]).toEqual(expect.arrayContaining(['start', 'test', 'bench', 'understudy']));
  for (const name of names) expect(Object.keys(scripts)).toContain(name);
});
