import { expect, onTestFinished, test } from 'vitest';
import { LiveFrame } from '../../src/cli/terminal/live-frame.ts';
import { TestScreen } from './test-screen.ts';

function live(columns = 20, rows = 5): { frame: LiveFrame; screen: TestScreen } {
  const screen = new TestScreen(columns, rows);
  const frame = new LiveFrame(screen);
  onTestFinished(() => frame.end());
  return { frame, screen };
}

test('hides the cursor while it lasts and shows it when it ends', () => {
  const { frame, screen } = live();
  expect(screen.taken()).toBe('\u001b[?25l');
  frame.end();
  expect(screen.taken()).toBe('\u001b[?25h');
});

test('shows the cursor also when the process ends meanwhile, and never twice', () => {
  const before = process.listenerCount('exit');
  const { frame, screen } = live();
  const added = process.rawListeners('exit').at(-1);
  expect(process.listenerCount('exit')).toBe(before + 1);
  added?.call(process);
  expect(screen.taken()).toContain('\u001b[?25h');
  frame.end();
  expect(process.listenerCount('exit')).toBe(before);
});

test('listens to signals only while it lasts', () => {
  const before = process.listenerCount('SIGINT');
  const { frame } = live();
  expect(process.listenerCount('SIGINT')).toBe(before + 1);
  frame.end();
  expect(process.listenerCount('SIGINT')).toBe(before);
});

test('draws in place: up to the first line, each line cleared to its end, nothing left below', () => {
  const { frame, screen } = live();
  screen.taken();
  frame.draw(['one', 'two', 'three']);
  expect(screen.taken()).toBe('\u001b[?2026hone\u001b[K\ntwo\u001b[K\nthree\u001b[K\n\u001b[J\u001b[?2026l');
  frame.draw(['1']);
  expect(screen.taken()).toBe('\u001b[?2026h\u001b[3A\r1\u001b[K\n\u001b[J\u001b[?2026l');
  frame.draw(['2']);
  expect(screen.taken()).toContain('\u001b[1A\r2');
});

test('a frame that does not fit is cut, for it could not be drawn over', () => {
  const { frame, screen } = live(4, 3);
  screen.taken();
  frame.draw(['\u001b[32mgreen\u001b[39m', 'fits', 'below']);
  expect(screen.taken()).toBe('\u001b[?2026hgree\u001b[K\nfits\u001b[K\n\u001b[J\u001b[?2026l');
});

test('a terminal that changed its size is drawn anew', () => {
  const { frame, screen } = live();
  frame.draw(['one']);
  screen.taken();
  screen.resize(40, 10);
  frame.draw(['two']);
  expect(screen.taken()).toContain('\u001b[2J\u001b[Htwo');
  frame.draw(['three']);
  expect(screen.taken()).toContain('\u001b[1A\rthree');
});
