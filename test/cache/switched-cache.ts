import { afterEach } from 'vitest';
import { cacheActor } from '../../actors/cache/actor.ts';
import { Archive } from '../../actors/cache/archive.ts';
import { ArchiveBacklog } from '../../actors/cache/archive-backlog.ts';
import { Journal, type JournalOptions } from '../../actors/cache/journal.ts';
import { LeaseTable } from '../../actors/cache/lease-table.ts';
import type { CacheState } from '../../actors/cache/state.ts';
import { archiveTrips } from '../../actors/circuit-breaker/archive-trips.ts';
import { type RoundTripMessage, redisTrips } from '../../actors/circuit-breaker/round-trip.ts';
import type { Behaviour } from '../../src/runtime/behaviour.ts';
import type { ChildSpec } from '../../src/runtime/child-spec.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { KeyEventBus } from '../../src/runtime/key-events.ts';
import { Cache } from '../../src/system/cache.ts';
import { Instruments } from '../../src/telemetry/instruments.ts';
import { settled } from '../../src/testing/settled.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import type { ArchiveTier } from '../../src/tiers/archive-tier.ts';
import { MemoryTier } from '../../src/tiers/memory.ts';
import { RedisTier } from '../../src/tiers/redis/redis-tier.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { Namespaces, type NamespaceTerms } from '../../src/wire/namespaces.ts';
import { Values } from '../../src/wire/values.ts';
import { UNTRACED } from '../runtime/ref-under-test.ts';
import { TreeUnderTest } from '../supervisor/tree-under-test.ts';
import { tierOptions } from '../tiers/redis-tier-options.ts';

interface SwitchedOptions {
  readonly port: number;
  readonly maxEntries?: number;
  readonly journal?: Partial<JournalOptions>;
  readonly namespaces?: Readonly<Record<string, NamespaceTerms>>;
  /** A tier that keeps values behind Redis, given the time. It is there all the time. */
  readonly archive?: (time: HybridClock) => ArchiveTier;
}

/** The cache actor on a real Redis and on virtual time. Redis is there and not there by a switch instead of a breaker. */
export class SwitchedCache {
  readonly clock = new VirtualClock();
  readonly state: CacheState;
  readonly tree: TreeUnderTest;
  readonly cache: Cache;
  /** In [0, 1): what is left to chance. */
  random: () => number = () => Math.random();
  readonly #tier: RedisTier;
  readonly #archive: ArchiveTier | undefined;
  readonly #trips = new Set<Promise<unknown>>();

  private constructor({ port, maxEntries = 1_000, journal, namespaces, archive }: SwitchedOptions) {
    const { clock } = this;
    const time = new HybridClock(clock);
    const keyEvents = new KeyEventBus(() => {});
    const values = new Values({ namespaces: new Namespaces(namespaces) });
    this.#tier = new RedisTier(
      tierOptions({ kind: 'standalone', address: { host: '127.0.0.1', port } }, { prefix: 'understudy:' }),
    );
    this.#archive = archive?.(time);
    const limits = { maxEntries: 1_000, maxBytes: 1e9, ...journal };
    this.state = {
      time,
      values,
      memory: new MemoryTier(
        { maxEntries, maxBytes: 1e9, foreignTtl: 60_000, isolation: 'copy' },
        time,
        values,
      ),
      journal: new Journal(limits, time),
      archive:
        archive &&
        new Archive({ kind: 'postgres', pruneEvery: 1e9, pruneBatch: 1 }, new ArchiveBacklog(limits, time)),
      leases: new LeaseTable(30_000),
      keyEvents,
      redisUp: true,
    };
    const tree: TreeUnderTest = new TreeUnderTest(
      [this.#breaker(), this.#archiveActor(), this.#cacheActor(() => tree)],
      { clock },
    );
    this.tree = tree;
    this.cache = new Cache({
      ref: tree.ref('cache'),
      clock,
      ttl: 3_600_000,
      keyEvents,
      namespaces: values.namespaces,
      prefix: '',
      random: () => this.random(),
    });
  }

  static async start(options: SwitchedOptions): Promise<SwitchedCache> {
    const switched = new SwitchedCache(options);
    await switched.#tier.connect();
    await switched.#archive?.connect();
    if (switched.state.archive !== undefined) switched.state.archive.up = true;
    await switched.tree.start();
    return switched;
  }

  async stop(): Promise<void> {
    this.tree.root.stop();
    // What is under way must not arrive in the middle of the next test.
    await Promise.all(this.#trips);
    this.#tier.disconnect();
    this.#archive?.disconnect();
  }

  down(): void {
    this.state.redisUp = false;
  }

  /** Redis is back; resolves when everything has been brought to it. */
  async up(): Promise<void> {
    // No breaker closes in the turn it opened: what was sent before has been answered or has failed.
    await settled();
    this.state.redisUp = true;
    this.tree.bus.publish({ type: 'breaker.changed', state: 'closed', generation: 1, reason: 'the switch' });
    while (this.state.journal.size > 0) await this.#pass();
  }

  /** Lets time pass until the work has ended: a clear, say, is carried out on the clock. */
  async ended<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const done = (): void => {
      over = true;
    };
    work.then(done, done);
    for (await settled(); !over; ) await this.#pass();
    return work;
  }

  /** Crashes the cache actor; resolves when it is back. */
  async crash(): Promise<void> {
    this.tree.ref('cache').send({ type: 'cache.crash' });
    while (this.tree.states[2] !== 'up') await this.#pass();
  }

  /** Virtual time stands still while Redis is at work: it must not run into deadlines that only a test knows of. */
  #pass(): Promise<void> {
    return this.#trips.size > 0 ? settled() : this.clock.advance(1);
  }

  /** Resolves when the durable tier has everything. */
  async archived(): Promise<void> {
    while ((this.state.archive?.backlog.size ?? 0) > 0) await this.#pass();
  }

  #breaker(): ChildSpec {
    const trips = redisTrips(this.#tier);
    return {
      id: 'circuit-breaker',
      start: () => ({
        receive: (envelope: Envelope<RoundTripMessage>) =>
          this.#answer(
            envelope,
            this.state.redisUp ? trips.perform(envelope.message) : Promise.reject(new Error('switched off')),
          ),
      }),
    };
  }

  #archiveActor(): ChildSpec {
    const trips = this.#archive && archiveTrips(this.#archive);
    return {
      id: 'archive',
      start: () => ({
        receive: (envelope: Envelope) => {
          if (trips?.carries(envelope.message)) this.#answer(envelope, trips.perform(envelope.message));
        },
      }),
    };
  }

  #answer(envelope: Envelope, trip: Promise<unknown>): void {
    const answered = trip
      .then(
        (reply) => envelope.reply(reply),
        (error) => envelope.fail(error),
      )
      .finally(() => this.#trips.delete(answered));
    this.#trips.add(answered);
  }

  #cacheActor(tree: () => TreeUnderTest): ChildSpec {
    const { state, clock } = this;
    return {
      id: 'cache',
      settles: true,
      idempotent: ['cache.get', 'cache.set', 'cache.acquire'],
      start: (context) => {
        const spec = cacheActor({
          state,
          breaker: tree().ref('circuit-breaker'),
          archive: tree().ref('archive'),
          clock,
          events: tree().bus,
          instruments: new Instruments(),
          tracing: UNTRACED,
          door: { ttl: 3_600_000 },
          batch: { maxKeys: 64, maxBytes: 262_144, maxInFlight: 32 },
          foreignTtl: 60_000,
          shutdown: 1_000,
        });
        return crashable(spec.start(context) as Behaviour);
      },
    };
  }
}

/** The same behaviour, which crashes on `cache.crash`. */
function crashable(behaviour: Behaviour): Behaviour {
  return {
    receive: (envelope) => {
      if (envelope.type === 'cache.crash') throw new Error('crashed by the test');
      behaviour.receive(envelope);
    },
    drain: () => behaviour.drain?.(),
    stop: () => behaviour.stop?.(),
  };
}

/** Makes switched caches that are stopped after the test that made them. */
export function switchedCaches(): (options: SwitchedOptions) => Promise<SwitchedCache> {
  const running: SwitchedCache[] = [];
  afterEach(() => Promise.all(running.splice(0).map((switched) => switched.stop())));
  return async (options) => {
    const switched = await SwitchedCache.start(options);
    running.push(switched);
    return switched;
  };
}
