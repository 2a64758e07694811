import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { SuiteRedis } from '../cache/systems.ts';

const redis = new SuiteRedis();
const root = join(import.meta.dirname, '../..');
const hooks = ['from-sources.ts', 'decorators.ts'].flatMap((file) => [
  '--import',
  new URL(file, import.meta.url).href,
]);
const page = readFileSync(join(root, 'docs/interfaces-web.md'), 'utf8');

/** What each example prints. */
const EXAMPLES: Record<string, string[]> = {
  'express-session.ts': ['Hello, Ada.', 'Hello, stranger.'],
  'fastify-route-cache.ts': [
    '200 understudy; fwd=uri-miss; stored {"id":"7","language":"en","made":1}',
    '200 understudy; hit; ttl=... {"id":"7","language":"en","made":1}',
    '304 understudy; hit; ttl=... ',
    '200 understudy; fwd=uri-miss; stored {"id":"7","language":"de","made":2}',
    'purged 2',
    '200 understudy; fwd=uri-miss; stored {"id":"7","language":"en","made":3}',
  ],
  'cached.ts': ['queries: 1', 'queries after a refresh: 2', 'forgotten: true'],
  'decorator.ts': [
    'acme looks up the price of tea',
    'globex looks up the price of tea',
    '3 3 3',
    'forgotten: true',
    'acme looks up the price of tea',
    '3',
  ],
};

/** Runs an example in a process of its own until it ends by itself. */
async function run(example: string, url: string): Promise<{ lines: string[]; stderr: string }> {
  const program = join(root, 'docs/examples', example);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...hooks, program], {
    env: { ...process.env, REDIS_URL: url },
    timeout: 60_000,
  });
  return { lines: stdout.trimEnd().split('\n'), stderr };
}

test.each(Object.entries(EXAMPLES))(
  '%s does what it says, with Redis and without',
  async (example, lines) => {
    for (const url of [redis.server.url, 'redis://127.0.0.1:1']) {
      expect(await run(example, url)).toEqual({ lines, stderr: '' });
    }
  },
  120_000,
);

test('the page shows parts of the examples, and names each of them', () => {
  const programs = Object.keys(EXAMPLES).map((name) =>
    readFileSync(join(root, 'docs/examples', name), 'utf8'),
  );
  const blocks = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, block = '']) => block);
  expect(blocks).toHaveLength(programs.length);
  for (const block of blocks) expect(programs.some((program) => program.includes(block))).toBe(true);
  for (const name of Object.keys(EXAMPLES)) expect(page).toContain(`(examples/${name})`);
});
