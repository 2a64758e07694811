import type { Assignment, ContenderName, Hits, Round, Store, Terms, WorkloadName } from './assignment.ts';
import { Racer } from './racer.ts';
import type { BenchRedis } from './redis.ts';

interface Side {
  readonly contender: ContenderName;
  /** By default copied of Understudy and shared of its peers: its default, and their fastest. */
  readonly hits?: Hits;
  /** Whether memory is in front of Redis, in a race of memory hits. Default false. */
  readonly near?: boolean;
  /** Default `plain`. */
  readonly terms?: Terms;
  /** Default `off`. */
  readonly tracing?: Assignment['tracing'];
}

/** The same work for one side or two. */
export interface Race {
  readonly own: Side;
  readonly peer?: Side;
  readonly workload: WorkloadName;
  readonly store: Exclude<Store['kind'], 'near'>;
  readonly callers: number;
  /** Whether each round begins with an empty Redis. Default false. */
  readonly fromEmpty?: boolean;
}

export interface RaceConditions {
  readonly redis: BenchRedis;
  readonly rounds: number;
  /** Operations of one round; by default as many as fill the time of a round. */
  readonly operations: number | undefined;
  /** Folder for CPU profiles of the contenders. */
  readonly profiles: string | undefined;
  /** Called after each step, of which there are `stepsOf(race, rounds)`. */
  readonly onStep: () => void;
}

/** One round of both sides, run one right after the other. */
export interface Lap {
  readonly own: Round;
  readonly peer: Round | undefined;
}

export function stepsOf(race: Race, rounds: number): number {
  return (race.peer === undefined ? 1 : 2) * (rounds + 1);
}

/** Runs the sides by turns, each in a process of its own, so that neither profits from the machine's moods. */
export async function runRace(race: Race, conditions: RaceConditions): Promise<Lap[]> {
  const { redis, rounds, profiles, onStep } = conditions;
  const prepare = async (side: Side, database: number): Promise<Racer> => {
    const racer = await Racer.prepare(assign(race, side, database, conditions), profiles);
    onStep();
    return racer;
  };
  const run = async (racer: Racer): Promise<Round> => {
    if (race.fromEmpty) await redis.call('FLUSHALL', 'SYNC');
    const round = await racer.run();
    onStep();
    return round;
  };
  await redis.call('FLUSHALL', 'SYNC');
  const racers: Racer[] = [];
  try {
    const own = await prepare(race.own, 0);
    racers.push(own);
    const peer = race.peer && (await prepare(race.peer, 1));
    if (peer) racers.push(peer);
    const laps: Lap[] = [];
    for (let round = 0; round < rounds; round++) {
      laps.push({ own: await run(own), peer: peer && (await run(peer)) });
    }
    return laps;
  } finally {
    await Promise.all(racers.map((racer) => racer.end()));
  }
}

function assign(race: Race, side: Side, database: number, conditions: RaceConditions): Assignment {
  const { workload, callers } = race;
  const { port } = conditions.redis;
  const memory: Store = side.near ? { kind: 'near', port, database } : { kind: 'memory' };
  const store: Store = race.store === 'memory' ? memory : { kind: 'redis', port, database };
  return {
    contender: side.contender,
    workload,
    store,
    callers,
    hits: side.hits ?? (side.contender === 'understudy' ? 'copied' : 'shared'),
    terms: side.terms ?? 'plain',
    tracing: side.tracing ?? 'off',
    operations: conditions.operations,
  };
}
