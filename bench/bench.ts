import type { CommandLine } from './command-line.ts';
import { type Measured, measure, medianOf, rangeOf } from './figures.ts';
import { type Footprint, measureFootprint } from './footprint/footprint.ts';
import { measureLoopDelay } from './loop-delay/loop-delay.ts';
import { type Lap, type Race, type RaceConditions, runRace, stepsOf } from './race.ts';
import type { BenchRedis } from './redis.ts';
import type { Progress } from './report/progress.ts';
import { failed, judge, type Result, skipped } from './results.ts';
import { isRaced, type Row, type ServiceRow } from './row.ts';
import { idleMegabytes, secondsToReady } from './service.ts';
import { measureStaleness, type Staleness } from './staleness/staleness.ts';
import { traceFile, traceIsThere } from './workloads/trace.ts';

type Settings = Pick<CommandLine, 'rounds' | 'operations' | 'profiles'>;

/** Steps of all rows together, a race that several rows share counted once. */
export function stepsOfAll(rows: readonly Row[], rounds: number): number {
  const races = new Set(rows.filter(isRaced).map(({ race }) => race));
  const staleness = rows.some(({ kind }) => kind === 'staleness') ? 1 : 0;
  const single: readonly Row['kind'][] = ['start', 'idle', 'footprint', 'loop-delay'];
  const alone = rows.filter(({ kind }) => single.includes(kind)).length;
  const steps = [...races].map((race) => stepsOf(race, rounds));
  return steps.reduce((sum, some) => sum + some, (alone + staleness) * (rounds + 1));
}

/** Measures the rows one after the other. What fails is a failed row; the others are measured all the same. */
export async function bench(
  rows: readonly Row[],
  redis: BenchRedis,
  settings: Settings,
  progress: Progress,
): Promise<Result[]> {
  const races = new Map<Race, Promise<Lap[]>>();
  const conditions: RaceConditions = { ...settings, redis, onStep: () => progress.step() };
  const lapsOf = (race: Race): Promise<Lap[]> => {
    const laps = races.get(race) ?? runRace(race, conditions);
    races.set(race, laps);
    return laps;
  };
  let staleness: Promise<Staleness[]> | undefined;
  const stalenessOf = (): Promise<readonly Staleness[]> => {
    staleness ??= measureStaleness(redis, settings.rounds, conditions.onStep);
    return staleness;
  };
  const results: Result[] = [];
  for (const row of rows) {
    progress.begin(row.id);
    results.push(await resultOf(row, lapsOf, stalenessOf, conditions));
  }
  return results;
}

async function resultOf(
  row: Row,
  lapsOf: (race: Race) => Promise<Lap[]>,
  stalenessOf: () => Promise<readonly Staleness[]>,
  conditions: RaceConditions,
): Promise<Result> {
  if (isRaced(row) && row.race.workload === 'trace' && !traceIsThere()) {
    return skipped(row, `there is no ${traceFile}`);
  }
  try {
    if (isRaced(row)) return judge(row, row.figure.unit, measure(row.figure, await lapsOf(row.race)));
    if (row.kind === 'staleness') return judge(row, 'ms', figuresOf(await stalenessOf(), row.percentile));
    if (row.kind === 'loop-delay') return judge(row, 'ms', await measureMore(conditions));
    if (row.kind === 'footprint') {
      const { redis, rounds, onStep } = conditions;
      return judge(row, 'MB', comparedWithPeer(await measureFootprint(row.task, redis, rounds, onStep)));
    }
    return judge(row, row.kind === 'start' ? 's' : 'MB', await measureService(row, conditions));
  } catch (error) {
    return failed(row, error instanceof Error ? error.message : String(error));
  }
}

function figuresOf(rounds: readonly Staleness[], percentile: keyof Staleness): Omit<Measured, 'ops'> {
  const values = rounds.map((round) => round[percentile]);
  return { ...UNRACED, value: medianOf(values), spread: rangeOf(values) };
}

async function measureMore({ redis, rounds, onStep }: RaceConditions): Promise<Omit<Measured, 'ops'>> {
  const values = await measureLoopDelay(redis, rounds, onStep);
  return { ...UNRACED, value: medianOf(values), spread: rangeOf(values) };
}

function comparedWithPeer(rounds: readonly Footprint[]): Omit<Measured, 'ops'> {
  const ratios = rounds.map(({ own, peer }) => own / peer);
  return {
    peerOps: undefined,
    value: medianOf(rounds.map(({ own }) => own)),
    peerValue: medianOf(rounds.map(({ peer }) => peer)),
    ratio: medianOf(ratios),
    spread: rangeOf(ratios),
  };
}

async function measureService(
  { kind }: ServiceRow,
  { redis, rounds, onStep }: RaceConditions,
): Promise<Omit<Measured, 'ops'>> {
  const look = kind === 'start' ? secondsToReady : idleMegabytes;
  await redis.call('FLUSHALL', 'SYNC');
  const values: number[] = [];
  // The first one finds the files cold, and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const value = await look(redis);
    if (round > 0) values.push(value);
    onStep();
  }
  return { ...UNRACED, value: medianOf(values), spread: rangeOf(values) };
}

const UNRACED = { peerOps: undefined, peerValue: undefined, ratio: undefined } as const;
