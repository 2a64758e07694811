import type { Counter, Instruments } from '../../src/telemetry/instruments.ts';
import type { TierName } from '../../src/tiers/tier.ts';
import type { Namespaces } from '../../src/wire/namespaces.ts';
import type { NamespaceStats } from './messages.ts';

interface Reads {
  readonly hits: Counter;
  readonly misses: Counter;
}

type ByTier = Readonly<Record<TierName, Reads>>;

/** Counts the reads of each namespace, by the tier that answered. */
export class NamespaceTally {
  readonly #namespaces: Namespaces;
  readonly #tallies = new Map<string, ByTier>();
  readonly #tiers: readonly TierName[];

  /** `archived`: the durable tier answers as well. */
  constructor(instruments: Instruments, namespaces: Namespaces, archived: boolean) {
    this.#namespaces = namespaces;
    this.#tiers = archived ? ['memory', 'redis', 'postgres'] : ['memory', 'redis'];
    for (const { name: namespace } of namespaces) {
      const of = (tier: TierName): Reads => {
        const counter = (result: string): Counter =>
          instruments.counter(
            'understudy_namespace_reads_total',
            'Reads of keys by namespace, tier that answered and result.',
            {
              namespace,
              tier,
              result,
            },
          );
        return { hits: counter('hit'), misses: counter('miss') };
      };
      const memory = of('memory');
      const tally = { memory, redis: of('redis'), postgres: archived ? of('postgres') : memory };
      this.#tallies.set(namespace, tally);
    }
  }

  count(key: string, tier: TierName, found: boolean): void {
    const namespace = this.#namespaces.of(key);
    const reads = namespace === undefined ? undefined : this.#tallies.get(namespace.name)?.[tier];
    if (reads === undefined) return;
    if (found) reads.hits.value++;
    else reads.misses.value++;
  }

  /** Undefined where there are no namespaces. */
  report(): Readonly<Record<string, NamespaceStats>> | undefined {
    if (this.#tallies.size === 0) return undefined;
    return Object.fromEntries(
      Array.from(this.#tallies, ([name, tally]) => {
        const tiers = this.#tiers.map(
          (tier) => [tier, { hits: tally[tier].hits.value, misses: tally[tier].misses.value }] as const,
        );
        const sum = (what: 'hits' | 'misses'): number =>
          tiers.reduce((total, [, reads]) => total + reads[what], 0);
        return [name, { hits: sum('hits'), misses: sum('misses'), tiers: Object.fromEntries(tiers) }];
      }),
    );
  }
}
