import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { readDoc } from './markdown-table.ts';

const ENTRY = new URL('../../src/index.ts', import.meta.url).href;
const REDIS = 'redis://127.0.0.1:6379';
const sections = ['bulk-and-iteration.md', 'warming.md'].flatMap((name) =>
  readDoc(name).split(/^## /m).slice(1),
);
const examples = sections.flatMap((section) => {
  const code = /```ts\n(?<code>.*?)```/s.exec(section)?.groups?.code;
  return code === undefined ? [] : [[section.split('\n', 1)[0] ?? '', code]];
});

let redis: RedisServer;
let folder: string;
beforeAll(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'examples-'));
});
afterAll(async () => {
  await redis?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What an example prints, in a process of its own. */
async function printed(code: string, url: string): Promise<string[]> {
  const file = join(folder, 'example.ts');
  await writeFile(file, code.replace("from 'understudy-cache'", `from '${ENTRY}'`).replace(REDIS, url));
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 60_000 });
  return stdout.trim().split('\n');
}

test.each(examples)(
  '%s: the example prints what its comments say',
  async (_title, code = '') => {
    expect(code).toContain(REDIS);
    const expected = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
    expect(expected.length).toBeGreaterThan(0);
    await redis.call('FLUSHALL');
    expect(await printed(code, redis.url)).toEqual(expected);
    // Without a Redis the same, but that an iteration says that it is degraded.
    const alone = expected.map((text) => (text === 'false' ? 'true' : text));
    expect(await printed(code, 'redis://127.0.0.1:1')).toEqual(alone);
  },
  120_000,
);
