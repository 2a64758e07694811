import { count, pick, type Random, randomFor } from '../random.ts';
import type { RunSettings } from '../settings.ts';

/** One fault: from when, in milliseconds of the run, for how long, and what. */
export type Fault = { readonly at: number; readonly lasts: number } & (
  | { readonly kind: 'freeze-redis' | 'kill-redis' }
  | { readonly kind: 'slow-redis'; readonly latency: number; readonly jitter: number }
  | { readonly kind: 'kill-process' | 'freeze-process'; readonly process: number }
  | { readonly kind: 'black-hole' | 'refuse' | 'deafen'; readonly process: number }
  | {
      readonly kind: 'slow-link';
      readonly process: number;
      readonly latency: number;
      readonly jitter: number;
    }
  | { readonly kind: 'cut-reply'; readonly process: number; readonly afterBytes: number }
);

/** Faults stop here, as a share of the run, so that there is load on a system that is well again. */
const QUIET_FROM = 0.85;

type Kind = (random: Random, at: number, lasts: number) => Fault;

/** What can befall the same thing, one at a time: a pause, a fault, a pause... */
interface Lane {
  readonly kinds: readonly (readonly [number, Kind])[];
  readonly pause: readonly [least: number, most: number];
  readonly lasts: readonly [least: number, most: number];
}

/** Everything that goes wrong in a run: on Redis itself, on the way of each process to it, and on the processes. */
export function scheduleFaults({ seed, seconds, processes, near }: RunSettings): Fault[] {
  const end = seconds * 1_000 * QUIET_FROM;
  const each = Array.from({ length: processes }, (_, process) => process);
  const lanes: Lane[] = [REDIS, ...each.flatMap((process) => [linkOf(process), lifeOf(process)])];
  if (near) lanes.push(...each.map(hearingOf));
  const faults = lanes.flatMap((lane, index) => fill(lane, randomFor(seed, `lane ${index}`), end));
  return faults.sort((a, b) => a.at - b.at);
}

function fill({ kinds, pause, lasts }: Lane, random: Random, end: number): Fault[] {
  const faults: Fault[] = [];
  let at = Math.min(count(random, ...pause), count(random, 0, end / 2));
  while (at < end) {
    // Mostly short, sometimes long.
    const length = lasts[0] + (lasts[1] - lasts[0]) * random() ** 3;
    const fault = pick(random, kinds)(random, Math.round(at), Math.round(Math.min(length, end - at)));
    faults.push(fault);
    at = fault.at + fault.lasts + count(random, ...pause);
  }
  return faults;
}

const REDIS: Lane = {
  pause: [500, 4_000],
  lasts: [40, 3_000],
  kinds: [
    [4, (_, at, lasts) => ({ kind: 'freeze-redis', at, lasts })],
    [3, (_, at, lasts) => ({ kind: 'kill-redis', at, lasts })],
    [2, (random, at, lasts) => ({ kind: 'slow-redis', at, lasts, ...slowness(random) })],
  ],
};

function linkOf(process: number): Lane {
  return {
    pause: [600, 7_000],
    lasts: [30, 2_500],
    kinds: [
      [4, (_, at, lasts) => ({ kind: 'black-hole', process, at, lasts })],
      [3, (_, at, lasts) => ({ kind: 'refuse', process, at, lasts })],
      [2, (random, at, lasts) => ({ kind: 'slow-link', process, at, lasts, ...slowness(random) })],
      [3, (random, at) => ({ kind: 'cut-reply', process, at, lasts: 0, afterBytes: count(random, 0, 400) })],
    ],
  };
}

/** The way stays good for reads and writes: only what others change is not heard of. */
function hearingOf(process: number): Lane {
  return {
    pause: [300, 3_000],
    lasts: [20, 1_500],
    kinds: [[1, (_, at, lasts) => ({ kind: 'deafen', process, at, lasts })]],
  };
}

function lifeOf(process: number): Lane {
  return {
    pause: [1_500, 10_000],
    lasts: [50, 1_800],
    kinds: [
      [3, (_, at, lasts) => ({ kind: 'kill-process', process, at, lasts })],
      [2, (_, at, lasts) => ({ kind: 'freeze-process', process, at, lasts })],
    ],
  };
}

function slowness(random: Random): { latency: number; jitter: number } {
  return { latency: count(random, 2, 60), jitter: count(random, 0, 60) };
}
