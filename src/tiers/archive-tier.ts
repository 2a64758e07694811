import type { RemoteTier, Tier } from './tier.ts';

/** What was deleted, and whether there is more to delete. */
export interface Pruned {
  readonly rows: number;
  readonly more: boolean;
}

/** The third tier: it outlives the others, and is asked after them. */
export interface ArchiveTier
  extends Tier,
    Pick<RemoteTier, 'connected' | 'connect' | 'probe' | 'disconnect' | 'address'> {
  /** From now on nothing with this prefix is there that is older than `version`, nor comes back. */
  clear(prefix: string, version: string): Promise<void>;
  /** Deletes what is over, some `count` rows at the most. Nothing while another instance does. */
  prune(count: number): Promise<Pruned>;
}
