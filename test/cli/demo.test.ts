import { beforeAll, expect, test } from 'vitest';
import { type Ending, understudy } from './cli-process.ts';

let json: Ending;
let plain: Ending;
beforeAll(async () => {
  [json, plain] = await Promise.all([
    understudy(['demo', '--fast', '--json']),
    understudy(['demo', '--fast'], { FORCE_COLOR: '0' }),
  ]);
}, 30_000);

test('--json prints one object and nothing else, and the demo is over in about eight seconds', () => {
  expect(json).toMatchObject({ code: 0, stderr: '' });
  expect(json.stdout.match(/\n/g)).toHaveLength(1);
  const { duration, operations } = JSON.parse(json.stdout);
  expect(duration).toBeLessThan(10_000);
  expect(operations).toBeGreaterThan(10_000);
});

test('Redis was really away: a client that asked it itself failed, and no call through Understudy did', () => {
  const { errors, direct, outage } = JSON.parse(json.stdout);
  expect(errors).toBe(0);
  expect(direct.errors).toBeGreaterThan(10);
  expect(direct.errors).toBeLessThan(direct.operations);
  expect(outage.noticedAfter).toBeLessThan(1_000);
  expect(outage.duration).toBeGreaterThan(2_000);
  expect(outage.recoveredAfter).toBeLessThan(4_000);
});

test('the hit ratio holds while Redis is out', () => {
  const { hitRatio } = JSON.parse(json.stdout);
  expect(hitRatio.before).toBeGreaterThan(0.9);
  expect(hitRatio.out).toBeGreaterThan(0.85);
  expect(hitRatio.after).toBeGreaterThan(0.9);
});

test('what changed meanwhile waited in the journal and is in Redis now', () => {
  const { journal } = JSON.parse(json.stdout);
  expect(journal.peak).toBeGreaterThan(50);
  // Less than the peak: what is written anew when Redis is back need not be replayed.
  expect(journal.replayed).toBeGreaterThan(50);
  expect(journal.lost).toBe(0);
});

test('without a terminal it tells the story in lines with their times, in order, and ends with a summary', () => {
  expect(plain).toMatchObject({ code: 0, stderr: '' });
  expect(plain.stdout).not.toContain('\u001b');
  const told = [...plain.stdout.matchAll(/^ +(\d+\.\d\d) s {2}(.+)$/gm)];
  const story = told.map(([, , text = '']) => text).join('\n');
  expect(story).toMatch(
    /redis-server runs.+kill -9.+Breaker opens.+started again.+Breaker closed.+replayed.+last state/s,
  );
  const times = told.map(([, time]) => Number(time));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(plain.stdout).toContain('0 were lost');
});

test('--help says what it shows, and a redis-server that is missing is said to be so', async () => {
  const help = await understudy(['demo', '--help']);
  expect(help.stdout).toContain('understudy demo --fast');
  expect(help.code).toBe(0);
  const missing = await understudy(['demo', '--fast'], { REDIS_SERVER_BIN: '/none' });
  expect(missing.stderr).toContain('REDIS_SERVER_BIN=/none is not an executable file');
  expect(missing.code).toBe(2);
});
