import { redisTierOptions } from '../config/redis-topology.ts';
import { UnderstudyError } from '../runtime/errors.ts';
import type { BreakerState } from '../runtime/events.ts';
import type { AnyProtocol } from '../runtime/protocol.ts';
import type { Cache } from '../system/cache.ts';
import type { CoreProtocol } from '../system/core-protocol.ts';
import type { ActorSpec } from '../system/define-actor.ts';
import type { Declared } from '../system/namespace.ts';
import type { ProtocolsOf } from '../system/protocols.ts';
import type { Understudy } from '../system/understudy.ts';
import { type Started, startUnderstudy } from '../system.ts';
import type { Ttl } from '../wire/ttl.ts';
import { durationOf } from './duration.ts';
import { EventRecorder } from './event-recorder.ts';
import { systemOptions, type TestUnderstudyOptions } from './options.ts';
import { SimulatedInvalidation } from './redis/simulated-invalidation.ts';
import { SimulatedRedis } from './redis/simulated-redis.ts';
import { SimulatedTier } from './redis/simulated-tier.ts';
import { TestJournal } from './test-journal.ts';
import { TestMemory } from './test-memory.ts';
import { TestRedis } from './test-redis.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Virtual time that `until` waits unless told otherwise. */
const PATIENCE = '1h';

/** What several systems under test share. */
interface World {
  readonly clock: VirtualClock;
  readonly redis: SimulatedRedis;
}

/**
 * Starts a whole system for a test: the real actors, on virtual time and on a Redis that is simulated in memory. It opens no
 * socket and sets no timer. Resolves when the system has heard of its Redis. Rejects with INVALID_CONFIG, listing every problem.
 */
export function createTestUnderstudy<
  const A extends readonly ActorSpec[] = readonly [],
  const N extends Declared = Declared,
>(options: TestUnderstudyOptions<A, N> = {}): Promise<TestUnderstudy<ProtocolsOf<A>, N>> {
  const clock = new VirtualClock();
  return startIn({ clock, redis: new SimulatedRedis(clock) }, options);
}

async function startIn<const A extends readonly ActorSpec[], const N extends Declared>(
  world: World,
  options: TestUnderstudyOptions<A, N>,
): Promise<TestUnderstudy<ProtocolsOf<A>, N>> {
  const { clock, redis } = world;
  const events = new EventRecorder(clock);
  const system = systemOptions(options);
  const started = startUnderstudy<A, N>(
    { ...system, clock },
    {
      listener: events.record,
      tier: ({ redis: times, prefix }) =>
        times && new SimulatedTier(redis, clock, redisTierOptions(times, prefix)),
      channel: ({ near, prefix }) => near && new SimulatedInvalidation(redis, clock, { ...near, prefix }),
    },
  );
  const kit = new TestUnderstudy(world, started, events);
  await kit.until(started.reached);
  events.skip();
  return kit;
}

/** A system under test. `P` is what its actors understand, `N` its namespaces. */
export class TestUnderstudy<P extends AnyProtocol = CoreProtocol, N extends Declared = Declared>
  implements AsyncDisposable
{
  /** The system itself. */
  readonly understudy: Understudy<P, N>;
  /** Its cache as plain calls. */
  readonly cache: Cache<N>;
  /** Its time, for whatever of the application needs a clock. */
  readonly clock: VirtualClock;
  /** Its Redis: faults to inject, and what it holds. */
  readonly redis: TestRedis;
  /** Its memory tier. */
  readonly memory: TestMemory;
  /** The changes that its Redis has not confirmed. */
  readonly journal: TestJournal;
  /** Everything that happened in it. */
  readonly events: EventRecorder;
  readonly #world: World;
  readonly #started: Started<P, N>;
  readonly #peers = new Set<AsyncDisposable>();

  constructor(world: World, started: Started<P, N>, events: EventRecorder) {
    const { memory, journal, time } = started.cache;
    this.#world = world;
    this.#started = started;
    this.understudy = started.understudy;
    this.cache = started.understudy.cache;
    this.clock = world.clock;
    this.redis = new TestRedis(world.redis, started.prefix);
    this.memory = new TestMemory(memory, time);
    this.journal = new TestJournal(journal);
    this.events = events;
  }

  /** The circuit breaker; `none` without Redis. */
  get breaker(): { readonly state: BreakerState | 'none' } {
    return { state: this.#started.breaker() };
  }

  /** Milliseconds since the epoch, in virtual time. */
  now(): number {
    return this.clock.now();
  }

  /** Lets time pass: everything that is due meanwhile happens, in order, each at its own time. 0 lets happen what waits for no time. */
  async advance(time: Ttl): Promise<void> {
    await this.clock.advance(durationOf('advance', time));
  }

  /**
   * Lets time pass until the work has ended, and ends as it does: for a call that waits for a frozen Redis, say. Rejects with
   * DEADLINE_EXCEEDED when it has not after `within` (default one hour) of virtual time, or waits for something real.
   */
  async until<T>(work: PromiseLike<T>, options: { readonly within?: Ttl } = {}): Promise<T> {
    const patience = durationOf('within', options.within ?? PATIENCE);
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    work.then(end, end);
    if (await this.clock.advanceUntil(() => ended, patience)) return work;
    throw new UnderstudyError(
      'DEADLINE_EXCEEDED',
      `until: the work has not ended within ${patience} ms of virtual time; what waits for a timer or a socket of the machine cannot`,
    );
  }

  /** Another process on the same Redis and the same time. It stops with this one, or before. */
  async peer<const A extends readonly ActorSpec[] = readonly [], const M extends Declared = Declared>(
    options: TestUnderstudyOptions<A, M> = {},
  ): Promise<TestUnderstudy<ProtocolsOf<A>, M>> {
    const peer = await startIn(this.#world, options);
    this.#peers.add(peer);
    return peer;
  }

  /** Drains and stops, however Redis is. Idempotent. */
  async stop(): Promise<void> {
    for (const peer of this.#peers) await peer[Symbol.asyncDispose]();
    await this.until(this.understudy.stop());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
