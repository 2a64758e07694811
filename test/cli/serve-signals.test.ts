import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { firstStopSignal } from '../../src/cli/stop-signals.ts';

function listening() {
  const process = new EventEmitter();
  const codes: number[] = [];
  let now = 1_000;
  const first = firstStopSignal(
    process,
    (code) => codes.push(code),
    () => now,
  );
  const send = (signal: string, after: number): void => {
    now += after;
    process.emit(signal);
  };
  return { first, codes, send };
}

test.each(['SIGINT', 'SIGTERM'])('%s says stop', async (signal) => {
  const { first, codes, send } = listening();
  send(signal, 0);
  await expect(first).resolves.toBe(signal);
  expect(codes).toEqual([]);
});

test('a repeat within 250 ms is an echo of the first, of either signal', () => {
  const { codes, send } = listening();
  send('SIGINT', 0);
  send('SIGINT', 100);
  send('SIGTERM', 150);
  expect(codes).toEqual([]);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('a second %s later ends it with %i', (signal, code) => {
  const { codes, send } = listening();
  send('SIGTERM', 0);
  send(signal, 251);
  expect(codes).toEqual([code]);
});
