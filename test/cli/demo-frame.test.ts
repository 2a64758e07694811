import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { Chronicle } from '../../src/cli/demo/chronicle.ts';
import { frame } from '../../src/cli/demo/frame.ts';
import { Meter } from '../../src/cli/demo/meter.ts';
import { Scene, SLICES } from '../../src/cli/demo/scene.ts';
import { FAST } from '../../src/cli/demo/script.ts';
import type { Paint } from '../../src/cli/terminal/paint.ts';

const plain: Paint = (_, text) => text;
/** Shows which colour a text would have. */
const marked: Paint = (format, text) => `<${format}>${text}</>`;

function newScene(): Scene {
  return new Scene(FAST, new Meter(), new Chronicle(() => {}));
}

async function slice(scene: Scene, tier: 'redis' | 'memory', failed = false): Promise<void> {
  const { meter } = scene;
  for (let call = 0; call < 10; call++) await meter.timed(performance.now(), Promise.resolve());
  if (failed) await meter.timed(performance.now(), Promise.reject(new Error('injected')));
  for (let read = 0; read < 10; read++) meter.read(tier, read > 0);
  meter.direct(tier === 'redis');
  meter.cut(1, scene.journal);
}

function rowOf(scene: Scene, name: string, paint = plain): string {
  return frame(scene, paint, 40).find((line) => line.includes(name)) ?? '';
}

test('an empty scene has all its rows, and no line is wider than an ordinary terminal', () => {
  const scene = newScene();
  for (const line of frame(scene, plain, 40)) expect(line.length).toBeLessThanOrEqual(80);
  for (const name of ['Redis', 'circuit breaker', 'calls a second', 'hit ratio', 'journal']) {
    expect(rowOf(scene, name)).not.toBe('');
  }
});

test('a full scene is no wider either', async () => {
  const scene = newScene();
  scene.journal = scene.journalPeak = 12_345;
  for (let at = 0; at < SLICES; at++) await slice(scene, at % 2 ? 'redis' : 'memory');
  scene.meter.calls = 100_000;
  for (const line of frame(scene, plain, 40)) expect(line.length).toBeLessThanOrEqual(80);
});

test('a column is green where Redis answered and yellow where memory did', async () => {
  const scene = newScene();
  await slice(scene, 'redis');
  await slice(scene, 'memory');
  const colours = [...rowOf(scene, 'hit ratio', marked).matchAll(/<(\w+)>[▁-█]/g)].map(
    ([, colour]) => colour,
  );
  expect(colours).toEqual(['green', 'yellow']);
  expect(rowOf(scene, 'answered by')).toContain('Redis 0.0 %');
  expect(frame(scene, plain, 40).some((line) => line.includes('memory 100.0 %'))).toBe(true);
});

test('the two rows below show who failed when', async () => {
  const scene = newScene();
  await slice(scene, 'redis');
  await slice(scene, 'memory');
  expect(rowOf(scene, 'with Understudy')).toMatch(/━━ .*0 of 20 failed/);
  expect(rowOf(scene, 'Redis alone')).toMatch(/━╳ .*1 of 2 failed/);
  await slice(scene, 'memory', true);
  expect(rowOf(scene, 'with Understudy')).toMatch(/━━╳ .*1 of 31 failed/);
});

test('the state of the breaker and of Redis are those of the scene', () => {
  const scene = newScene();
  expect(rowOf(scene, 'circuit breaker')).toContain('● closed   ○ open');
  scene.breaker = 'open';
  scene.redis = 'killed';
  expect(rowOf(scene, 'circuit breaker')).toContain('○ closed   ● open');
  expect(rowOf(scene, 'Redis  ')).toContain('✖ killed');
});

test('a low terminal still shows the latest events', () => {
  const scene = newScene();
  for (let at = 1; at <= 20; at++) scene.chronicle.tell(`event ${at}`);
  const low = frame(scene, plain, 24);
  expect(low.length).toBeLessThan(24);
  expect(low.at(-1)).toContain('event 20');
  const high = frame(scene, plain, 60);
  expect(high.filter((line) => line.includes('event'))).toHaveLength(10);
});

test('a stall that took several slices fills their columns', async () => {
  const scene = newScene();
  await slice(scene, 'redis');
  scene.meter.cut(3, 0);
  expect(scene.meter.slices).toHaveLength(4);
  expect(stripVTControlCharacters(rowOf(scene, 'Redis alone'))).toContain('━━━━');
});
