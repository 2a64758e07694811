import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { Pace } from './pace.ts';
import { TraceError, type TraceLine } from './trace-line.ts';

/** Plays one line that was meant to begin at `intended` (`performance.now()`). Never rejects. */
export type Play = (line: TraceLine, intended: number) => Promise<void>;
type Lines = AsyncIterable<TraceLine>;

/** Lines that may begin late without the loop turning: their answers need it to. */
const BURST = 64;

/** So many lines at a time, the next one when one has ended, as fast as that goes and the pace allows. */
export async function closedLoop(lines: Lines, concurrency: number, pace: Pace, play: Play): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let ended = (): void => {};
  try {
    // No line is read before it is to begin, so how far the trace was read is how far the load has come.
    for await (const line of lines) {
      const intended = await pace.turn(line.keys.length);
      const played = play(line, intended).finally(() => {
        underWay.delete(played);
        ended();
      });
      underWay.add(played);
      if (underWay.size < concurrency) continue;
      await new Promise<void>((resolve) => {
        ended = resolve;
      });
    }
  } finally {
    await Promise.all(underWay);
  }
}

/** Each line when its timestamp says, `speed` times faster, whatever became of those before it. */
export async function openLoop(lines: Lines, speed: number, play: Play): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const began = performance.now();
  let first: number | undefined;
  let burst = 0;
  try {
    for await (const line of lines) {
      if (line.timestamp === undefined) {
        throw new TraceError('--speed follows timestamps; a trace of one key per line has none');
      }
      first ??= line.timestamp;
      const intended = began + (line.timestamp - first) / speed;
      const wait = intended - performance.now();
      if (wait > 0) await delay(wait);
      else if (++burst % BURST === 0) await nextTurn();
      // Timers may fire a fraction of a millisecond early.
      const played = play(line, Math.min(intended, performance.now())).finally(() => underWay.delete(played));
      underWay.add(played);
    }
  } finally {
    await Promise.all(underWay);
  }
}

/** The same, one line after the other: for a memory tier, whose content then depends on the trace alone. */
export function inOrder(play: Play): Play {
  let last = Promise.resolve();
  return (line, intended) => {
    last = last.then(() => play(line, intended));
    return last;
  };
}
