import type { Understudy } from '../../system/understudy.ts';
import type { PrivateRedis } from '../private-redis.ts';
import { Chaos, type FaultReport } from './chaos.ts';
import type { Fault } from './faults.ts';
import { journalRoom } from './journal-room.ts';
import { Pace } from './pace.ts';
import { recovered } from './recovery.ts';
import { closedLoop, inOrder, openLoop, type Play } from './schedule.ts';
import type { ReplaySettings } from './settings.ts';
import type { Tally } from './tally.ts';
import type { TraceReader } from './trace-reader.ts';

export interface LoadOptions {
  readonly settings: ReplaySettings;
  readonly trace: TraceReader;
  readonly tally: Tally;
  readonly understudy: Understudy;
  /** The server that is to be broken. */
  readonly server: PrivateRedis | undefined;
  readonly play: Play;
  readonly onFault: (fault: Fault | undefined) => void;
}

export interface LoadResult {
  /** Milliseconds from the first line to the last answer. */
  readonly duration: number;
  readonly faults: readonly FaultReport[];
}

/** Plays the whole trace, and breaks the server meanwhile where that is wanted. Ends with the server repaired. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { settings, server } = options;
  const pace = settings.speed === undefined ? new Pace() : undefined;
  const ended = new AbortController();
  const began = performance.now();
  const playing = playAll(options, pace)
    .then(() => performance.now() - began)
    .finally(() => ended.abort());
  const breaking = server === undefined ? [] : breakServer(options, server, pace, ended.signal);
  // Both are awaited also when one fails: nothing may go on when this has ended.
  const [duration, faults] = await Promise.allSettled([playing, breaking]);
  if (duration.status === 'rejected') throw duration.reason;
  if (faults.status === 'rejected') throw faults.reason;
  return { duration: duration.value, faults: faults.value };
}

function playAll({ settings, trace, play }: LoadOptions, pace: Pace | undefined): Promise<void> {
  const { redis, speed, concurrency } = settings;
  const alone = redis === 'none';
  if (speed !== undefined) return openLoop(trace.lines(), speed, alone ? inOrder(play) : play);
  return closedLoop(trace.lines(), alone ? 1 : concurrency, pace ?? new Pace(), play);
}

function breakServer(
  { settings, trace, tally, understudy, onFault }: LoadOptions,
  redis: PrivateRedis,
  pace: Pace | undefined,
  loadEnded: AbortSignal,
): Promise<FaultReport[]> {
  const chaos = new Chaos({
    redis,
    faults: settings.faults,
    outage: settings.outage,
    progress: () => trace.progress,
    keys: () => tally.operations,
    pace,
    mostKeys: journalRoom(settings.valueSize),
    recovered: () => recovered(understudy, settings.patience),
    onFault,
  });
  return chaos.run(loadEnded);
}
