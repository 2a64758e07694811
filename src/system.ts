import { createActor } from 'xstate';
import { cacheActor } from '../actors/cache/actor.ts';
import { Journal } from '../actors/cache/journal.ts';
import { LeaseTable } from '../actors/cache/lease-table.ts';
import type { CacheState } from '../actors/cache/state.ts';
import { circuitBreakerActor } from '../actors/circuit-breaker/actor.ts';
import { Remote } from '../actors/circuit-breaker/remote.ts';
import { healthActor } from '../actors/health/actor.ts';
import { metricsActor } from '../actors/metrics/actor.ts';
import { Child } from '../actors/supervisor/child.ts';
import { supervisorMachine } from '../actors/supervisor/machine.ts';
import type { SupervisorMessage } from '../actors/supervisor/messages.ts';
import { redisTierOptions } from './config/redis-topology.ts';
import { resolveOptions } from './config/resolve.ts';
import type { Options, OptionsInput } from './config/schema.ts';
import { ActorRef } from './runtime/actor-ref.ts';
import type { ActorContext, ChildSpec } from './runtime/child-spec.ts';
import { type Clock, systemClock } from './runtime/clock.ts';
import { DeadLetters } from './runtime/dead-letters.ts';
import type { Envelope } from './runtime/envelope.ts';
import { UnderstudyError } from './runtime/errors.ts';
import { type BreakerState, EventBus, type SystemState } from './runtime/events.ts';
import type { Logger } from './runtime/logger.ts';
import { type AnyProtocol, actorOf, type Message } from './runtime/protocol.ts';
import type { CoreProtocol } from './system/core-protocol.ts';
import type { ActorSpec } from './system/define-actor.ts';
import { observe } from './system/observe.ts';
import { Understudy } from './system/understudy.ts';
import { Instruments } from './telemetry/instruments.ts';
import { createLogger } from './telemetry/logger.ts';
import { silentTracing, type Tracing } from './telemetry/port.ts';
import { MemoryTier } from './tiers/memory.ts';
import { failureKind } from './tiers/redis/failures.ts';
import { RedisTier } from './tiers/redis/redis-tier.ts';
import { HybridClock } from './wire/hybrid-clock.ts';

/** Milliseconds between probes of a closed breaker. */
const HEARTBEAT = 5_000;

/** What a host application may give beside the configuration. */
export interface HostOptions<A extends readonly ActorSpec[]> {
  /** Actors of the host application, started after the built-in ones. */
  readonly actors?: A;
  readonly clock?: Clock;
  /** Default: a pino logger of level `log.level`. */
  readonly logger?: Logger;
  readonly tracing?: Tracing;
}

type UnionToIntersection<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void
  ? I
  : never;
type ProtocolOf<S> = S extends ActorSpec<infer P> ? (AnyProtocol extends P ? never : P) : never;

/** Everything that the actors of a system understand: the built-in protocols and those of the given specs. */
export type ProtocolsOf<A extends readonly ActorSpec[]> = [ProtocolOf<A[number]>] extends [never]
  ? CoreProtocol
  : CoreProtocol & UnionToIntersection<ProtocolOf<A[number]>>;

/**
 * Starts a system: tiers, actors, supervisor. Resolves as soon as Redis answered or was found missing, at the latest after
 * `redis.connectTimeout`; Redis being out is no error. Throws INVALID_CONFIG, listing every problem.
 */
export async function createUnderstudy<const A extends readonly ActorSpec[] = readonly []>(
  input: OptionsInput & HostOptions<A> = {},
): Promise<Understudy<ProtocolsOf<A>>> {
  const { actors = [], clock = systemClock, tracing = silentTracing, logger: given, ...config } = input;
  const options = resolveOptions(config);
  const time = new HybridClock(clock);
  const logger = given ?? createLogger(options.log.level, { instance: time.instance });
  const instruments = new Instruments();
  const events = new EventBus((error) => logger.error({ err: error }, 'a listener threw'));
  const deadLetters = new DeadLetters((letter) => events.publish({ type: 'dead-letter', ...letter }));
  const refs = new Map<string, ActorRef>();
  const cache = cacheState(options, time);
  const now: { breaker: BreakerState | 'none'; system: SystemState } = {
    breaker: options.redis ? 'open' : 'none',
    system: 'booting',
  };
  events.subscribe((event) => {
    if (event.type === 'system.changed') now.system = event.state;
    if (event.type !== 'breaker.changed') return;
    now.breaker = event.state;
    cache.redisUp = event.state === 'closed';
  });

  const refOf = (spec: Pick<ChildSpec, 'id' | 'capacity' | 'idempotent'>): ActorRef => {
    if (refs.has(spec.id))
      throw new UnderstudyError('INVALID_CONFIG', `actors: two of them are called ${spec.id}`);
    const ref = new ActorRef({
      id: spec.id,
      clock,
      tracing,
      deadLetters,
      capacity: spec.capacity ?? options.mailbox.capacity,
      deadline: options.deadline,
      idempotent: new Set(spec.idempotent),
    });
    refs.set(spec.id, ref);
    return ref;
  };
  const route = (message: Message): ActorRef => {
    const ref = refs.get(actorOf(message.type));
    if (ref === undefined)
      throw new UnderstudyError('UNKNOWN_MESSAGE', `there is no actor for ${message.type}`);
    return ref;
  };
  const context: Omit<ActorContext, 'self' | 'crash'> = {
    clock,
    logger,
    ask: async (message, patience) => route(message).ask(message, patience),
    send: (message) => route(message).send(message),
  };

  const breaker =
    options.redis && circuitBreaker(options, options.redis, { clock, tracing, instruments, events, time });
  const children: Child[] = [];
  const supervise = (spec: ChildSpec): ActorRef => {
    const ref = refOf(spec);
    children.push(new Child(spec, ref, context));
    return ref;
  };
  const breakerRef = breaker && supervise(breaker);
  const cacheRef = supervise(
    cacheActor({
      state: cache,
      breaker: breakerRef,
      clock,
      events,
      instruments,
      tracing,
      door: { ttl: options.ttl, maxValueLength: options.maxValueLength },
      batch: options.batch,
      foreignTtl: options.memory.foreignTtl,
      shutdown: options.drain,
    }),
  );
  supervise(
    healthActor({
      events,
      redisConfigured: options.redis !== undefined,
      instance: time.instance,
      overloaded: () => cacheRef.depth > cacheRef.capacity * 0.9,
      current: now,
    }),
  );
  supervise(metricsActor(instruments));
  for (const spec of actors) supervise(spec);
  const supervisorRef = refOf({ id: 'supervisor' });
  observe({ events, instruments, logger, refs, cache, redisConfigured: options.redis !== undefined });

  const root = createActor(
    supervisorMachine({ children, ...options.supervisor, limits: options.supervisor, clock, events, logger }),
    {
      clock,
    },
  );
  root.subscribe({ error: (error) => logger.error({ err: error }, 'the supervisor failed') });
  const reached = breaker ? firstWord(events, clock, options.redis?.connectTimeout ?? 0) : undefined;
  root.start();
  supervisorRef.attach({
    send: (envelope) => {
      if (isForSupervisor(envelope)) root.send(envelope);
      else
        envelope.fail(
          new UnderstudyError('UNKNOWN_MESSAGE', `The supervisor has no message ${envelope.type}`),
        );
    },
  });
  await reached;

  const stop = async (): Promise<void> => {
    const stopped = new Promise<void>((resolve) => {
      root.subscribe({ complete: resolve });
      clock.setTimeout(resolve, options.drain);
    });
    root.send({ type: 'supervisor.drain' });
    await stopped;
    root.stop();
    supervisorRef.refuse(new UnderstudyError('STOPPING', 'The system is stopped'));
  };
  return new Understudy<ProtocolsOf<A>>({ refs, cache: cacheRef, events, state: () => now.system, stop });
}

function cacheState(options: Options, time: HybridClock): CacheState {
  const { maxEntries, maxBytes, foreignTtl } = options.memory;
  // Where Redis would hand out a value of the caller's own, memory does the same.
  const isolation = options.memory.isolation ?? (options.redis ? 'copy' : 'shared');
  return {
    time,
    memory: new MemoryTier({ maxEntries, maxBytes, foreignTtl, isolation }, time),
    journal: new Journal(options.journal, time),
    leases: new LeaseTable(options.lease.ttl),
    redisUp: false,
  };
}

function isForSupervisor(envelope: Envelope): envelope is Envelope<SupervisorMessage> {
  return envelope.type === 'supervisor.tree';
}

interface BreakerParts {
  readonly clock: Clock;
  readonly tracing: Tracing;
  readonly instruments: Instruments;
  readonly events: EventBus;
  readonly time: HybridClock;
}

function circuitBreaker(
  options: Options,
  redis: NonNullable<Options['redis']>,
  parts: BreakerParts,
): ChildSpec {
  const { clock, tracing, instruments, events, time } = parts;
  const settings = redisTierOptions(redis, options.prefix);
  const tier = new RedisTier(settings);
  const { probe, ...thresholds } = options.breaker;
  return circuitBreakerActor({
    tier,
    remote: new Remote({ tier, clock, tracing, instruments, database: settings.database }),
    clock,
    gate: {
      ...thresholds,
      timeout: redis.commandTimeout,
      isRefusal: (error) => failureKind(error) === 'refused',
    },
    probe,
    heartbeat: HEARTBEAT,
    events,
    onServerTime: ({ serverTime, roundTrip }) => time.correct(serverTime, roundTrip),
  });
}

/** Resolves when it is known whether Redis is there, or when that takes too long. */
function firstWord(events: EventBus, clock: Clock, patience: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unsubscribe();
      clock.clearTimeout(timer);
      resolve();
    };
    const timer = clock.setTimeout(done, patience);
    const unsubscribe = events.subscribe((event) => {
      if (
        event.type === 'breaker.probe-failed' ||
        (event.type === 'breaker.changed' && event.state === 'closed')
      )
        done();
    });
  });
}
