import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { bar, column } from '../../src/cli/terminal/bars.ts';
import { count, duration, percent, plural } from '../../src/cli/terminal/numbers.ts';
import type { Paint } from '../../src/cli/terminal/paint.ts';
import { progressBar } from '../../src/cli/terminal/progress-bar.ts';
import { TestScreen } from './test-screen.ts';

const plain: Paint = (_, text) => text;
afterEach(() => {
  vi.useRealTimers();
});

test('rewrites its line as things go on, and leaves it empty', () => {
  vi.useFakeTimers();
  const screen = new TestScreen(80, 24);
  let progress = 0;
  const end = progressBar(screen, plain, () => ({ progress, note: `note ${progress}` }));
  expect(screen.taken()).toBe(`\r${'░'.repeat(24)}   0 %  note 0\u001b[K`);
  progress = 0.5;
  vi.advanceTimersByTime(100);
  expect(screen.taken()).toBe(`\r${'█'.repeat(12)}${'░'.repeat(12)}  50 %  note 0.5\u001b[K`);
  end();
  expect(screen.taken()).toBe('\r\u001b[K');
  vi.advanceTimersByTime(1_000);
  expect(screen.taken()).toBe('');
});

test('never wraps', () => {
  const screen = new TestScreen(50, 24);
  progressBar(screen, plain, () => ({ progress: 1, note: 'n'.repeat(200) }))();
  for (const line of screen.taken().split('\r')) {
    expect(stripVTControlCharacters(line).length).toBeLessThan(50);
  }
});

test('writes nothing where there is no terminal', () => {
  const screen = new TestScreen(80, 24, false);
  progressBar(screen, plain, () => ({ progress: 1, note: '' }))();
  expect(screen.taken()).toBe('');
});

test.each([
  [0, ''],
  [0.5, '██'],
  [0.53, '██▏'],
  [1, '████'],
  [7, '████'],
  [-1, ''],
])('a bar of 4 columns for a share of %f', (share, full) => {
  expect(bar(share, 4)).toEqual({ full, empty: '░'.repeat(4 - full.length) });
});

test('columns are as high as their share', () => {
  expect([-1, 0, 0.5, 1, 2].map(column).join('')).toBe('▁▁▅██');
});

test('numbers are written for people', () => {
  expect([count(1_234_567), percent(0.3664), plural(1, 'key'), plural(2, 'key')]).toEqual([
    ...['1,234,567', '36.6 %', '1 key', '2 keys'],
  ]);
  expect([0.0842, 1.234, 12.34, 123.4, 2_514].map(duration)).toEqual([
    ...['0.084 ms', '1.23 ms', '12.3 ms', '123 ms', '2.51 s'],
  ]);
});
