import type { RedisTierOptions, Topology } from '../../src/tiers/redis/options.ts';

/** Options of a Redis tier on a server of a test's own. */
export function tierOptions(topology: Topology, changed: Partial<RedisTierOptions> = {}): RedisTierOptions {
  return { topology, database: 0, connectTimeout: 5_000, prefix: 'test:', tombstoneTtl: 60_000, ...changed };
}
