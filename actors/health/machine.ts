import { fromCallback, setup } from 'xstate';
import type { ActorContext } from '../../src/runtime/child-spec.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { BreakerState, EventBus, SystemEvent, SystemState } from '../../src/runtime/events.ts';
import type { Protocol } from '../../src/runtime/protocol.ts';
import type { ArchiveProtocol } from '../archive/messages.ts';
import type { CacheProtocol } from '../cache/messages.ts';
import type { CircuitBreakerProtocol } from '../circuit-breaker/messages.ts';
import type { CoherenceProtocol } from '../coherence/messages.ts';
import type { SupervisorProtocol } from '../supervisor/messages.ts';
import type { WarmerProtocol } from '../warmer/messages.ts';
import type { HealthMessage, HealthStatus } from './messages.ts';
import { reportOf } from './report.ts';

/** What the health actor asks the others. */
export type Examined = Protocol<
  ArchiveProtocol &
    CacheProtocol &
    CircuitBreakerProtocol &
    CoherenceProtocol &
    SupervisorProtocol &
    WarmerProtocol
>;

export interface HealthOptions {
  readonly events: EventBus;
  readonly redisConfigured: boolean;
  /** Whether the durable tier keeps values. */
  readonly archiveConfigured: boolean;
  /** Whether memory is to answer in place of Redis. */
  readonly nearConfigured: boolean;
  /** Whether there is a warmer. */
  readonly warmupConfigured: boolean;
  readonly instance: string;
  /** Whether the cache actor holds so much that calls should go elsewhere. */
  readonly overloaded: () => boolean;
  /** As they are at any time: an actor that is restarted has missed how they came to be so. */
  readonly current: {
    readonly breaker: BreakerState | 'none';
    readonly archive: BreakerState | 'none';
    readonly system: SystemState;
  };
}

type HealthEvent = Envelope<HealthMessage> | SystemEvent;

/** Milliseconds an actor has to say how it is. One that does not is no reason to say nothing. */
const PATIENCE = 200;

/** Knows how the system is: follows the events that change it, and asks the actors when somebody wants to know. */
export function healthMachine(options: HealthOptions, context: ActorContext<Examined>) {
  const { events, current } = options;
  const started = context.clock.monotonic();

  const status = (): HealthStatus => {
    const { breaker, archive, system } = current;
    if (system !== 'running' && system !== 'degraded' && system !== 'booting') return 'unavailable';
    if (system === 'degraded' || (options.redisConfigured && breaker !== 'closed')) return 'degraded';
    if (options.archiveConfigured && archive !== 'closed') return 'degraded';
    return 'healthy';
  };

  return setup({
    types: { events: {} as HealthEvent },
    actors: {
      listening: fromCallback(({ sendBack }) => events.subscribe(sendBack)),
    },
    guards: {
      healthy: () => status() === 'healthy',
      degraded: () => status() === 'degraded',
      unavailable: () => status() === 'unavailable',
    },
    actions: {
      refuse: ({ event }) => {
        if ('message' in event)
          event.fail(new UnderstudyError('UNKNOWN_MESSAGE', `The health actor has no message ${event.type}`));
      },
      report: ({ event }) => {
        if (!('message' in event)) return;
        void Promise.all([
          context.ask({ type: 'cache.stats' }, { deadline: PATIENCE }).catch(() => undefined),
          context.ask({ type: 'supervisor.tree' }, { deadline: PATIENCE }).catch(() => undefined),
          options.redisConfigured
            ? context.ask({ type: 'circuit-breaker.status' }, { deadline: PATIENCE }).catch(() => undefined)
            : undefined,
          options.nearConfigured
            ? context.ask({ type: 'coherence.status' }, { deadline: PATIENCE }).catch(() => undefined)
            : undefined,
          options.warmupConfigured
            ? context.ask({ type: 'warmer.status' }, { deadline: PATIENCE }).catch(() => undefined)
            : undefined,
          options.archiveConfigured
            ? context.ask({ type: 'archive.status' }, { deadline: PATIENCE }).catch(() => undefined)
            : undefined,
        ]).then(([cache, tree, redis, near, warmup, archive]) => {
          const uptime = Math.round(context.clock.monotonic() - started);
          const { redisConfigured, nearConfigured, archiveConfigured, instance } = options;
          const overloaded = options.overloaded();
          event.reply(
            reportOf({
              status: status(),
              system: current.system,
              cache,
              tree,
              redis,
              redisConfigured,
              near,
              nearConfigured,
              warmup,
              archive,
              archiveConfigured,
              overloaded,
              instance,
              uptime,
            }),
          );
        });
      },
    },
  }).createMachine({
    id: 'health',
    invoke: { src: 'listening' },
    on: {
      'health.check': { actions: 'report' },
      'health.*': { actions: 'refuse' },
      'breaker.changed': {},
      'archive.changed': {},
      'system.changed': {},
    },
    initial: 'degraded',
    states: {
      healthy: {
        always: [
          { guard: 'unavailable', target: 'unavailable' },
          { guard: 'degraded', target: 'degraded' },
        ],
      },
      degraded: {
        always: [
          { guard: 'unavailable', target: 'unavailable' },
          { guard: 'healthy', target: 'healthy' },
        ],
      },
      unavailable: {
        always: [
          { guard: 'healthy', target: 'healthy' },
          { guard: 'degraded', target: 'degraded' },
        ],
      },
    },
  });
}
