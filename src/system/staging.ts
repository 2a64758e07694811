import type { Options } from '../config/schema.ts';
import type { SystemListener } from '../runtime/events.ts';
import type { InvalidationChannel } from '../tiers/invalidation.ts';
import type { RemoteTier } from '../tiers/tier.ts';

/** What stands in for the world outside, in a test. */
export interface Staging {
  /** Default: the Redis that is configured. */
  readonly tier?: (options: Options) => RemoteTier | undefined;
  /** Where changes of others are heard of, for near reads. Default: the same Redis. */
  readonly channel?: (options: Options) => InvalidationChannel | undefined;
  /** Told everything, from the first event on. */
  readonly listener?: SystemListener;
}
