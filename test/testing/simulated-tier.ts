import { SimulatedRedis } from '../../src/testing/redis/simulated-redis.ts';
import { SimulatedTier, type SimulatedTierOptions } from '../../src/testing/redis/simulated-tier.ts';
import { TestRedis } from '../../src/testing/test-redis.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { Values } from '../../src/wire/values.ts';

export interface SimulatedBench {
  readonly clock: VirtualClock;
  readonly server: SimulatedRedis;
  readonly redis: TestRedis;
  readonly tier: SimulatedTier;
}

/** A tier that is connected to a simulated Redis of its own. */
export async function simulated(options: Partial<SimulatedTierOptions> = {}): Promise<SimulatedBench> {
  const clock = new VirtualClock();
  const server = new SimulatedRedis(clock);
  const defaults = { prefix: 'test:', connectTimeout: 1_000, commandTimeout: 250, tombstoneTtl: 600_000 };
  const tier = new SimulatedTier(server, clock, { ...defaults, ...options });
  await tier.connect();
  return {
    clock,
    server,
    redis: new TestRedis(server, options.prefix ?? defaults.prefix, new Values()),
    tier,
  };
}
