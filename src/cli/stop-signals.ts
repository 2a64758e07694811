import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';

export type StopSignal = 'SIGINT' | 'SIGTERM';

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

/** Milliseconds within which a repeat is an echo: npm forwards a Ctrl-C that the terminal has delivered already. */
const ECHO = 250;

/**
 * Resolves with the first signal to stop. A second one calls `abandon` with the exit code that says so.
 */
export function firstStopSignal(
  source: Pick<EventEmitter, 'on'>,
  abandon: (exitCode: number) => void,
  now: () => number = () => performance.now(),
): Promise<StopSignal> {
  return new Promise((resolve) => {
    let first: number | undefined;
    for (const signal of SIGNALS) {
      source.on(signal, () => {
        if (first === undefined) {
          first = now();
          resolve(signal);
        } else if (now() - first > ECHO) abandon(128 + constants.signals[signal]);
      });
    }
  });
}
