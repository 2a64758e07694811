import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../src/cli/free-port.ts';
import { readDoc } from '../docs/markdown-table.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';

const EXAMPLES = new URL('../../docs/examples/', import.meta.url);
const FROM_SOURCES = new URL('from-sources.ts', import.meta.url).href;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

/** The lines that a program prints. */
async function printed(program: URL, redisUrl: string): Promise<string[]> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', FROM_SOURCES, program.pathname],
    { timeout: 15_000, env: { ...process.env, REDIS_URL: redisUrl, NO_COLOR: '1' } },
  );
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

describe.each([
  ['keyv', 'interfaces.md'],
  ['cache-manager', 'interfaces.md'],
  ['bentocache', 'interfaces.md'],
  ['unstorage', 'interfaces.md'],
  ['freshness', 'freshness.md'],
  ['tags-and-namespaces', 'tags.md'],
])('the example of %s', (name, document) => {
  const program = new URL(`${name}.ts`, EXAMPLES);
  const code = readFileSync(program, 'utf8');
  const promised = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);

  test('is what the documentation shows', () => {
    expect(readDoc(document)).toContain(`\`\`\`ts\n${code}\`\`\``);
  });

  test('prints on a Redis what its comments say', async () => {
    await redis.call('FLUSHALL');
    expect(promised.length).toBeGreaterThanOrEqual(3);
    expect(await printed(program, redis.url)).toEqual(promised);
    expect(Number(await redis.call('DBSIZE'))).toBeGreaterThan(0);
  });

  test('prints the same without one', async () => {
    expect(await printed(program, `redis://127.0.0.1:${await freePort()}`)).toEqual(promised);
  });
});
