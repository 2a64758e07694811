import { type LoadOptions, planOf } from '../../src/system/load-options.ts';
import { isDue } from '../../src/system/refresh-ahead.ts';
import { seededRandom } from '../../test/servers/seeded-random.ts';

/** What is simulated: requests for one key, by a Poisson process, at processes drawn at random. Times are in milliseconds. */
export interface Scenario {
  readonly options: LoadOptions;
  /** Requests a second, of all processes. */
  readonly rate: number;
  readonly processes: number;
  /** Whether the processes share leases, as they do by a Redis; else each loads on its own. */
  readonly sharedLeases: boolean;
  readonly ttl: number;
  /** Mean of the time that a load takes, which is distributed exponentially. */
  readonly loadTime: number;
  readonly requests: number;
}

export interface Outcome {
  readonly loads: number;
  /** Loads that ran at the same time, at the most. */
  readonly mostAtOnce: number;
  /** Requests that had to wait for a load. */
  readonly waited: number;
  /** Requests that were answered with a value past its time. */
  readonly stale: number;
}

interface Running {
  readonly ends: number;
  readonly took: number;
}

/** Every decision is the product's own; the time and the loads are made up. */
export function simulate(scenario: Scenario, seed = 1): Outcome {
  const { rate, processes, sharedLeases, ttl, loadTime, requests } = scenario;
  const plan = planOf({ ttl, ...scenario.options });
  const random = seededRandom(seed);
  const positive = (): number => 1 - random();
  const exponential = (mean: number): number => -mean * Math.log(positive());
  const running = new Map<number, Running>();
  let now = 0;
  let created = Number.NEGATIVE_INFINITY;
  let fresh = Number.NEGATIVE_INFINITY;
  let took = 0;
  const outcome = { loads: 0, mostAtOnce: 0, waited: 0, stale: 0 };

  const finish = (): void => {
    for (const [process, load] of [...running].sort(([, a], [, b]) => a.ends - b.ends)) {
      if (load.ends > now) continue;
      running.delete(process);
      created = load.ends;
      fresh = created + ttl;
      took = load.took;
    }
  };
  const load = (process: number): void => {
    const holder = sharedLeases ? 0 : process;
    if (running.has(holder)) return;
    const time = exponential(loadTime);
    running.set(holder, { ends: now + time, took: time });
    outcome.loads++;
    outcome.mostAtOnce = Math.max(outcome.mostAtOnce, running.size);
  };

  for (let request = 0; request < requests; request++) {
    now += exponential(1_000 / rate);
    finish();
    const process = Math.floor(random() * processes);
    if (now < fresh) {
      if (isDue({ now, created, fresh, took }, plan, positive())) load(process);
      continue;
    }
    const usable = plan.stale === 'now' && now < fresh + (plan.grace ?? 0);
    if (usable) outcome.stale++;
    else outcome.waited++;
    load(process);
  }
  return outcome;
}
