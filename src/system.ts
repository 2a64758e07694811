import { cacheActor } from '../actors/cache/actor.ts';
import { Journal } from '../actors/cache/journal.ts';
import { KeyWatch } from '../actors/cache/key-watch.ts';
import { LeaseTable } from '../actors/cache/lease-table.ts';
import { Reassertion } from '../actors/cache/reassertion.ts';
import type { CacheState } from '../actors/cache/state.ts';
import { healthActor } from '../actors/health/actor.ts';
import { metricsActor } from '../actors/metrics/actor.ts';
import { Child } from '../actors/supervisor/child.ts';
import { resolveOptions } from './config/resolve.ts';
import type { Options, OptionsInput } from './config/schema.ts';
import type { ActorRef } from './runtime/actor-ref.ts';
import type { ChildSpec } from './runtime/child-spec.ts';
import { type Clock, systemClock } from './runtime/clock.ts';
import { type BreakerState, EventBus, type SystemState } from './runtime/events.ts';
import { KeyEventBus } from './runtime/key-events.ts';
import type { Logger } from './runtime/logger.ts';
import type { AnyProtocol } from './runtime/protocol.ts';
import { archiveActor, archiveOf } from './system/archive-actor.ts';
import { checkHost } from './system/check-host.ts';
import { ClaimedDirectory } from './system/claimed-directory.ts';
import type { ActorSpec } from './system/define-actor.ts';
import { afterRecovery, type DurableJournalParts, durableJournal } from './system/durable-journal.ts';
import { Failovers } from './system/failovers.ts';
import { firstWord } from './system/first-word.ts';
import { MailRoom } from './system/mail-room.ts';
import type { Declared } from './system/namespace.ts';
import { narrate } from './system/narrate.ts';
import { nearActor, nearOf } from './system/near.ts';
import { observe } from './system/observe.ts';
import type { ProtocolsOf } from './system/protocols.ts';
import { redisActor, redisTierOf } from './system/redis-actor.ts';
import { startRoot } from './system/root.ts';
import type { Staging } from './system/staging.ts';
import { tellTiers } from './system/tell-tiers.ts';
import { Understudy } from './system/understudy.ts';
import { valuesOf } from './system/values-of.ts';
import { rememberedFor, warmerOf, warmerStateOf } from './system/warmer.ts';
import { Instruments } from './telemetry/instruments.ts';
import { createLogger } from './telemetry/logger.ts';
import type { Tracing } from './telemetry/port.ts';
import { OpenTelemetryTracing } from './telemetry/tracing.ts';
import { type DurableSessions, durableSessions } from './tiers/durable-sessions.ts';
import { MemoryTier } from './tiers/memory.ts';
import { HybridClock } from './wire/hybrid-clock.ts';

/** What a host application may give beside the configuration. */
export interface HostOptions<A extends readonly ActorSpec[]> {
  /** Actors of the host application, started after the built-in ones. */
  readonly actors?: A;
  /** Default: real time. */
  readonly clock?: Clock;
  /** Default: a pino logger of level `log.level`. */
  readonly logger?: Logger;
  /** Default: whatever OpenTelemetry SDK is registered; nothing without one. */
  readonly tracing?: Tracing;
}

/** Options of a system: its configuration, and what only the host application can give. `N`: its namespaces by name. */
export type SystemInput<A extends readonly ActorSpec[], N extends Declared> = Omit<
  OptionsInput,
  'namespaces'
> &
  HostOptions<A> & { readonly namespaces?: (N & OptionsInput['namespaces']) | undefined };

/** A system whose actors run, while Redis may not have answered yet. */
export interface Started<P extends AnyProtocol, N extends Declared = Declared> {
  readonly understudy: Understudy<P, N>;
  /** Resolves when what an earlier process left in the durable tier is taken in, at the latest after `durable.timeout`. */
  readonly recovered: Promise<void>;
  /** Resolves when Redis answered or was found missing, at the latest after `redis.connectTimeout`. */
  readonly reached: Promise<void>;
  readonly logger: Logger;
  /** Of its keys in Redis. */
  readonly prefix: string;
  /** What its cache actor keeps. */
  readonly cache: CacheState;
  /** Where the breaker stands; `none` without Redis. */
  readonly breaker: () => BreakerState | 'none';
}

/**
 * Starts a system: tiers, actors, supervisor. Resolves as soon as Redis answered or was found missing, at the latest after
 * `redis.connectTimeout`; Redis being out is no error. With a durable tier, what an earlier process left in its journal is
 * taken in before, within `durable.timeout`; a Postgres being out is no error either. Throws INVALID_CONFIG, listing every
 * problem, and JOURNAL_LOCKED where another process holds `durable.directory`.
 */
export async function createUnderstudy<
  const A extends readonly ActorSpec[] = readonly [],
  const N extends Declared = Declared,
>(input: SystemInput<A, N> = {}): Promise<Understudy<ProtocolsOf<A>, N>> {
  const { understudy, reached } = startUnderstudy(input);
  await reached;
  return understudy;
}

/** The same without waiting for a word of Redis: what is asked before that is answered from memory. */
export function startUnderstudy<
  const A extends readonly ActorSpec[] = readonly [],
  const N extends Declared = Declared,
>(input: SystemInput<A, N>, staging: Staging = {}): Started<ProtocolsOf<A>, N> {
  const {
    actors = [],
    clock = systemClock,
    tracing = new OpenTelemetryTracing(),
    logger: given,
    ...config
  } = input;
  checkHost({ clock, logger: given, tracing });
  const options = resolveOptions(config);
  const { deadline, drain, mailbox, supervisor } = options;
  const time = new HybridClock(clock);
  const logger = given ?? createLogger(options.log.level, { instance: time.instance });
  const instruments = new Instruments();
  const events = new EventBus((error) => logger.error({ err: error }, 'a listener threw'));
  const mail = new MailRoom({ clock, logger, tracing, events, capacity: mailbox.capacity, deadline });
  const keyEvents = new KeyEventBus((error) => logger.error({ err: error }, 'a listener threw'));
  const sessions = options.durable && durableSessions(options.durable);
  const cache = cacheState(options, sessions, keyEvents, { time, clock, events, logger });
  time.whenShifted((shift) => {
    cache.memory.shift(shift);
    cache.journal.shift(shift);
    cache.archive?.backlog.shift(shift);
  });
  const now = follow(events, cache, options.redis !== undefined);
  tellTiers(events, keyEvents);
  if (staging.listener !== undefined) events.subscribe(staging.listener);

  const children: Child[] = [];
  const supervise = (spec: ChildSpec): ActorRef => {
    const ref = mail.open(spec);
    children.push(new Child(spec, ref, mail.context()));
    return ref;
  };
  const failovers = new Failovers(events);
  const tier = staging.tier?.(options) ?? redisTierOf(options, failovers.saw);
  const remoteParts = { clock, tracing, instruments, logger, events, time };
  const redis = redisActor(options, tier, remoteParts);
  const breakerRef = redis && supervise(redis);
  const archive = archiveActor(options, sessions, remoteParts);
  const archiveRef = archive && supervise(archive);
  const coherence = nearActor(options, cache.near, {
    clock,
    events,
    breaker: () => now.breaker,
    server: () => tier?.server,
    channel: staging.channel?.(options),
  });
  if (coherence !== undefined) supervise(coherence);
  const cacheRef = supervise(
    cacheActor({
      state: cache,
      breaker: breakerRef,
      archive: archiveRef,
      clock,
      events,
      instruments,
      tracing,
      door: { ttl: options.ttl },
      batch: options.batch,
      load: options.load,
      foreignTtl: options.memory.foreignTtl,
      shutdown: drain,
    }),
  );
  const warming = warmerStateOf(options);
  const warmer =
    warming &&
    breakerRef &&
    warmerOf(options, {
      cache: cacheRef,
      breaker: breakerRef,
      circuit: () => now.breaker,
      state: warming,
      events,
      time,
    });
  if (warmer !== undefined) supervise(warmer);
  supervise(
    healthActor({
      events,
      redisConfigured: redis !== undefined,
      archiveConfigured: archive !== undefined,
      nearConfigured: coherence !== undefined,
      warmupConfigured: warmer !== undefined,
      instance: time.instance,
      overloaded: () => cacheRef.depth > cacheRef.capacity * 0.9,
      current: now,
    }),
  );
  supervise(metricsActor(instruments));
  for (const spec of actors) supervise(spec);
  const supervisorRef = mail.open({ id: 'supervisor' });
  observe({
    events,
    instruments,
    refs: mail.refs,
    cache,
    failovers,
    warming,
    redisConfigured: redis !== undefined,
  });
  narrate(events, logger, clock);

  const embedded = cache.archive !== undefined && sessions?.kind === 'pglite';
  const claim = embedded ? new ClaimedDirectory(sessions, clock) : undefined;
  const start = () => {
    const { redis: redisOptions, durable } = options;
    const words = Promise.all([
      redis && firstWord(events, clock, redisOptions?.connectTimeout ?? 0),
      archive && firstWord(events, clock, durable?.timeout ?? 0, 'archive'),
    ]);
    const reached = words.then(() => {});
    const limits = { children, ...supervisor, limits: supervisor, clock, events, logger };
    return { reached, stop: startRoot(limits, supervisorRef, drain) };
  };
  const { recovered, reached, stop } = afterRecovery(cache.mirror ?? claim, options, start);
  const { ttl } = options;
  const parts = {
    router: mail.router,
    cache: cacheRef,
    events,
    keyEvents,
    namespaces: cache.values.namespaces,
    clock,
    ttl,
    state: () => now.system,
    stop,
  };
  const understudy = new Understudy<ProtocolsOf<A>, N>(parts);
  return {
    understudy,
    recovered,
    reached,
    logger,
    cache,
    prefix: options.prefix,
    breaker: () => now.breaker,
  };
}

function cacheState(
  options: Options,
  sessions: DurableSessions | undefined,
  keyEvents: KeyEventBus,
  { time, ...parts }: Omit<DurableJournalParts, 'journal' | 'memory'> & { readonly time: HybridClock },
): CacheState {
  const journal = new Journal(options.journal, time);
  const onEvict = (key: string, reason: 'capacity' | 'expired'): void => {
    if (keyEvents.active) keyEvents.emit('evict', { key, reason });
  };
  const values = valuesOf(options);
  const memory = new MemoryTier({ ...options.memory, onEvict }, time, values);
  return {
    time,
    values,
    memory,
    near: nearOf(options, memory),
    journal,
    mirror: durableJournal(options, sessions, { ...parts, journal, memory }),
    archive: archiveOf(options, time),
    reassertion: reassertionOf(options),
    leases: new LeaseTable(options.lease.ttl),
    keyEvents,
    keyWatch: options.hotKeys.size > 0 ? new KeyWatch(options.hotKeys.size) : undefined,
    redisUp: false,
  };
}

/** Keeps what the newest events say at hand. The first to listen: the others may look here when they are told. */
function follow(events: EventBus, cache: CacheState, redisConfigured: boolean) {
  const now: { breaker: BreakerState | 'none'; archive: BreakerState | 'none'; system: SystemState } = {
    breaker: redisConfigured ? 'open' : 'none',
    archive: cache.archive === undefined ? 'none' : 'open',
    system: 'booting',
  };
  events.subscribe((event) => {
    if (event.type === 'system.changed') now.system = event.state;
    if (event.type === 'archive.changed') {
      now.archive = event.state;
      if (cache.archive !== undefined) cache.archive.up = event.state === 'closed';
    }
    if (event.type !== 'breaker.changed') return;
    now.breaker = event.state;
    cache.redisUp = event.state === 'closed';
  });
  return now;
}

/** Only where a failover may lose what was confirmed, or the warmer notices that Redis lost everything. */
function reassertionOf(options: Options): Reassertion | undefined {
  const { redis, failover, warmup } = options;
  if (redis === undefined || failover.maxEntries === 0) return undefined;
  if ((redis.sentinel ?? redis.cluster ?? warmup) === undefined) return undefined;
  return new Reassertion({ ...failover, window: rememberedFor(options) });
}
