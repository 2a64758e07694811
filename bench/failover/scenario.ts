import { setTimeout as delay } from 'node:timers/promises';
import type { PrivateRedis } from '../../src/cli/private-redis.ts';
import { createUnderstudy } from '../../src/system.ts';
import { until } from '../../test/servers/until.ts';
import { cutReplication } from '../../test/topologies/cut-replication.ts';
import { type Group, PREFIX, startGroup, type TopologyName } from './group.ts';

export const FAULTS = ['killed', 'frozen', 'cut off, then killed'] as const;
type Fault = (typeof FAULTS)[number];

/** Against the loss of what was acknowledged: nothing; `wait: 1`; or making again what was lost, the default. */
export const PROTECTIONS = ['none', 'wait: 1', 'reassertion'] as const;
type Protection = (typeof PROTECTIONS)[number];

export interface Scenario {
  readonly topology: TopologyName;
  readonly fault: Fault;
  readonly protection: Protection;
}

export interface Outcome extends Scenario {
  /** Writes that were answered `durable: true`. */
  readonly acknowledged: number;
  /** Those of them that the new master does not have in the end. */
  readonly lost: number;
  /** From the end of the old master until Redis confirmed a write again. */
  readonly secondsOut: number;
}

const RATE = 4_000;
const TICK_MS = 5;
const WARM_MS = 1_000;
const CUT_MS = 500;
const FAILOVER_MS = 30_000;
const AT_ONCE = 500;

/** Writes a new key at a time, at a fixed rate, through one failover; then counts what is left of what was acknowledged. */
export async function measure(scenario: Scenario): Promise<Outcome> {
  await using group = await startGroup(scenario.topology);
  const understudy = await createUnderstudy({
    redis: group.redis,
    prefix: PREFIX,
    ...(scenario.protection === 'reassertion' ? {} : { failover: { maxEntries: 0 } }),
  });
  try {
    const acknowledged: string[] = [];
    let lastConfirmed = { began: 0, ended: 0 };
    let issued = 0;
    const options = scenario.protection === 'wait: 1' ? { wait: 1 } : {};
    const write = async () => {
      const key = `key-${issued++}`;
      const began = performance.now();
      const { durable, tier } = await understudy.cache.set(key, key, options);
      if (durable) acknowledged.push(key);
      if (tier === 'redis' && began > lastConfirmed.began)
        lastConfirmed = { began, ended: performance.now() };
    };
    const pending = new Set<Promise<void>>();
    const ticking = setInterval(() => {
      for (let at = 0; at < (RATE * TICK_MS) / 1_000; at++) {
        const one = write().finally(() => pending.delete(one));
        pending.add(one);
      }
    }, TICK_MS);
    try {
      await delay(WARM_MS);
      const mend = await fail(group, scenario.fault);
      const failed = performance.now();
      await until('a replica is promoted', async () => (await group.current()) !== group.master, {
        timeoutMs: FAILOVER_MS,
      });
      const confirmed = async () => lastConfirmed.began > failed && lastConfirmed;
      const { ended } = await until('Redis confirms a write', confirmed, { timeoutMs: FAILOVER_MS });
      await mend();
      await delay(WARM_MS / 2);
      clearInterval(ticking);
      await Promise.all(pending);
      const replayed = async () => (await understudy.ask({ type: 'cache.stats' })).journal.entries === 0;
      await until('the journal is empty', replayed, { timeoutMs: FAILOVER_MS });
      return {
        ...scenario,
        acknowledged: acknowledged.length,
        lost: await missing(await group.current(), acknowledged),
        secondsOut: Math.round((ended - failed) / 100) / 10,
      };
    } finally {
      clearInterval(ticking);
    }
  } finally {
    await understudy.stop();
  }
}

/** Returns what lets the other replicas join whoever was promoted. */
async function fail({ master, replicas }: Group, fault: Fault): Promise<() => Promise<void>> {
  if (fault === 'frozen') await master.freeze();
  else if (fault === 'killed') await master.kill();
  else {
    const mend = await cutReplication(master, replicas);
    await delay(CUT_MS);
    await master.kill();
    return mend;
  }
  return async () => {};
}

async function missing(master: PrivateRedis, keys: readonly string[]): Promise<number> {
  let count = 0;
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const names = keys.slice(from, from + AT_ONCE).map((key) => PREFIX + key);
    count += names.length - Number(await master.call('EXISTS', ...names));
  }
  return count;
}
