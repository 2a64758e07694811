import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replayCommand } from '../../src/cli/replay/command.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { understudy } from './cli-process.ts';
import { conversations, mooncake, traceFile } from './trace-files.ts';

const lines = conversations(600);
const operations = lines.flat().length;
const everHits = 1 - new Set(lines.flat()).size / operations;

test('--json prints one object: operations are keys, ratios add up, nothing was lost or failed', async () => {
  // One line at a time: lines under way together may both miss what one of them is about to store.
  const args = [traceFile(mooncake(lines)), '--concurrency', '1', '--json'];
  const { code, stdout, stderr } = await understudy(['replay', ...args]);
  expect(stdout.match(/\n/g)).toHaveLength(1);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ operations, errors: 0, journal: { replayed: 0, lost: 0 }, faults: [] });
  expect(Object.keys(report.latency)).toEqual(['p50', 'p99', 'p999', 'max']);
  const { p50, p99, p999, max } = report.latency;
  expect([p50, p99, p999, max].toSorted((a, b) => a - b)).toEqual([p50, p99, p999, max]);
  expect(p50).toBeGreaterThan(0);
  const { redis, memory } = report.tiers;
  expect(redis.hits + redis.misses + memory.hits + memory.misses).toBe(operations);
  expect((redis.hits + memory.hits) / operations).toBeCloseTo(report.hitRatio, 10);
  expect(report.hitRatio).toBeCloseTo(everHits, 10);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('with every fault no call fails, callers are answered meanwhile, and Redis has all of it afterwards', async () => {
  const file = traceFile(mooncake(lines));
  const chaos = ['--chaos', 'kill,freeze,restart', '--outage', '600ms', '--json'];
  const { code, stdout, stderr } = await understudy(['replay', file, ...chaos]);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ operations, errors: 0, errorCodes: {}, journal: { lost: 0 } });
  expect(report.faults.map(({ fault }: { fault: string }) => fault)).toEqual(['kill', 'freeze', 'restart']);
  for (const { recovery } of report.faults) expect(recovery).toBeLessThan(5_000);
  expect(report.breaker.opened).toBeGreaterThanOrEqual(2);
  expect(report.degraded.reads).toBeGreaterThan(0);
  expect(report.degraded.writes).toBeGreaterThan(0);
  expect(report.journal.replayed).toBeGreaterThan(0);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('a trace of a few lines meets all its faults too', async () => {
  const file = traceFile(mooncake(conversations(20)));
  const chaos = ['--chaos', 'kill,restart', '--outage', '300ms', '--json'];
  const { code, stdout } = await understudy(['replay', file, ...chaos]);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ lines: 20, errors: 0, journal: { lost: 0 } });
  expect(report.faults).toHaveLength(2);
  expect(report.breaker.opened).toBeGreaterThan(0);
  expect(code).toBe(0);
});

test('following timestamps, a run lasts as long as they say, and a freeze does not stop it', async () => {
  const file = traceFile(mooncake(lines, 100));
  const { code, stdout } = await understudy([
    'replay',
    ...[file, '--speed', '20', '--chaos', 'freeze', '--outage', '400ms', '--json'],
  ]);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ operations, errors: 0, journal: { lost: 0 } });
  expect(report.duration).toBeGreaterThan(2_990);
  expect(report.duration).toBeLessThan(6_000);
  expect(report.faults).toHaveLength(1);
  expect(code).toBe(0);
});

describe('one key per line', () => {
  const keys = Array.from({ length: 300 }, (_, at) => `user:${at % 100}`);

  test('is read, and set where it was missing', async () => {
    const file = traceFile(keys.join('\n'));
    const { code, stdout } = await understudy(['replay', file, '--json', '--concurrency', '1']);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ format: 'keys', lines: 300, operations: 300, calls: 400, errors: 0, hitRatio: 2 / 3 },
      tiers: { redis: { hits: 200, misses: 100 } },
    });
    expect(code).toBe(0);
  });

  test('without --json a person can read it', async () => {
    const { code, stdout, stderr } = await understudy([
      'replay',
      ...[traceFile(keys.join('\n')), '--memory-only', '--limit', '150'],
    ]);
    expect(stdout).toMatch(/replayed +150 lines, 150 keys\n/);
    expect(stdout).toMatch(/hit ratio +33\.3 % with room for 1,000 entries\n/);
    expect(stdout).toMatch(/failed calls +0 of 250\n/);
    expect(stdout).not.toContain('\u001b');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('on a given Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  test('values of the given size and time to live go there, under a prefix of the run', async () => {
    const sizes = ['--value-size', '500', '--ttl', '10m'];
    const { code, stdout } = await understudy([
      'replay',
      ...[traceFile('user:1\n'), '--redis', redis.url, '--json', ...sizes],
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ operations: 1, errors: 0, hitRatio: 0 });
    expect(code).toBe(0);
    const [key = ''] = (await redis.call('KEYS', 'understudy-replay:*:user:1')) as string[];
    const stored = JSON.parse(String(await redis.call('GET', key)));
    expect(JSON.stringify(stored.value)).toHaveLength(500);
    expect(await redis.call('PTTL', key)).toBeLessThanOrEqual(600_000);
  });

  test('a run is not hit by what another one left', async () => {
    const args = [traceFile('user:1\n'), '--redis', redis.url, '--json'];
    await understudy(['replay', ...args]);
    const { stdout } = await understudy(['replay', ...args]);
    expect(JSON.parse(stdout).hitRatio).toBe(0);
  });
});

describe('what cannot be run is refused, with what was expected instead', () => {
  const good = '{"timestamp":0,"hash_ids":[1]}\n';
  test.each([
    ['a bad line', `${good}{"timestamp":0}\n`, [], 'line 2: hash_ids: expected an array'],
    ['timestamps that are not there', 'user:1\n', ['--speed', '2'], '--speed follows timestamps'],
    ['an unknown fault', good, ['--chaos', 'kill,flood'], 'Expected kill, freeze, restart'],
    [
      'chaos for another Redis',
      good,
      ['--chaos', 'kill', '--redis', 'redis://127.0.0.1:1'],
      '--chaos breaks',
    ],
    ['chaos for no Redis', good, ['--chaos', 'kill', '--memory-only'], '--chaos breaks'],
    ['two kinds of Redis', good, ['--memory-only', '--redis', 'redis://127.0.0.1:1'], '--memory-only'],
    ['no address', good, ['--redis', 'http://:canary@127.0.0.1'], 'expected redis://'],
    ['no capacity', good, ['--capacity', '0'], 'whole number from 1'],
    ['no speed', good, ['--speed', '0'], 'above 0'],
    ['a time that is none', good, ['--ttl', 'soon'], 'milliseconds or a time'],
    ['an unknown option', good, ['--fast'], 'unknown option'],
  ])('%s', async (_, content, args, message) => {
    let told = '';
    const command = replayCommand()
      .exitOverride()
      .configureOutput({
        writeErr: (text) => {
          told += text;
        },
      });
    await expect(command.parseAsync([traceFile(content), ...args], { from: 'user' })).rejects.toThrow();
    expect(told.toLowerCase()).toContain(message.toLowerCase());
    expect(told).not.toContain('canary');
  });

  test('with exit code 2, and nothing where the report would be', async () => {
    const [badLine, badOption, noServer] = await Promise.all([
      understudy(['replay', traceFile(`${good}nonsense\n`), '--json']),
      understudy(['replay', traceFile(good), '--json', '--capacity', 'much']),
      understudy(['replay', traceFile(good), '--json'], { REDIS_SERVER_BIN: '/none' }),
    ]);
    expect(badLine).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('line 2') });
    expect(badOption).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--capacity') });
    expect(noServer).toMatchObject({ code: 2, stdout: '' });
    expect(noServer.stderr).toContain('Or use --redis or --memory-only');
  });
});

test('exit code 1 when what was accepted never reached Redis', async () => {
  const nobody = ['--redis', 'redis://127.0.0.1:1', '--patience', '100ms', '--json'];
  const { code, stdout } = await understudy(['replay', traceFile('user:1\nuser:1\n'), ...nobody]);
  expect(JSON.parse(stdout)).toMatchObject({ operations: 2, errors: 0, journal: { replayed: 0, lost: 1 } });
  expect(code).toBe(1);
});

test('--help shows examples and the exit codes', async () => {
  const { code, stdout } = await understudy(['replay', '--help']);
  expect(stdout).toContain('understudy replay trace.jsonl --chaos kill,freeze,restart');
  expect(stdout).toContain('Exit code: 0');
  expect(code).toBe(0);
});
