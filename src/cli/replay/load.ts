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
import type { TraceLine } from './trace-line.ts';
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
  const chaos = server === undefined ? undefined : chaosFor(options, server, pace);
  const began = performance.now();
  try {
    await playAll(options, pace, chaos);
    const duration = performance.now() - began;
    return { duration, faults: (await chaos?.end()) ?? [] };
  } finally {
    // Also when the trace turned out bad: nothing may go on when this has ended.
    await chaos?.end();
  }
}

function playAll(
  { settings, trace, play }: LoadOptions,
  pace: Pace | undefined,
  chaos: Chaos | undefined,
): Promise<void> {
  const { redis, speed, concurrency } = settings;
  const alone = redis === 'none';
  const lines = linesOf(trace, chaos);
  if (speed !== undefined) return openLoop(lines, speed, alone ? inOrder(play) : play);
  return closedLoop(lines, alone ? 1 : concurrency, pace ?? new Pace(), play);
}

async function* linesOf(trace: TraceReader, chaos: Chaos | undefined): AsyncGenerator<TraceLine, void> {
  for await (const line of trace.lines()) {
    chaos?.notice();
    yield line;
  }
}

function chaosFor(
  { settings, trace, tally, understudy, onFault }: LoadOptions,
  redis: PrivateRedis,
  pace: Pace | undefined,
): Chaos {
  return new Chaos({
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
}
