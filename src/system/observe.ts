import type { CacheState } from '../../actors/cache/state.ts';
import type { ActorRef } from '../runtime/actor-ref.ts';
import type { BreakerState, EventBus } from '../runtime/events.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Instruments } from '../telemetry/instruments.ts';

export interface Observed {
  readonly events: EventBus;
  readonly instruments: Instruments;
  readonly logger: Logger;
  readonly refs: ReadonlyMap<string, ActorRef>;
  readonly cache: CacheState;
  readonly redisConfigured: boolean;
}

const STATES: readonly BreakerState[] = ['closed', 'half-open', 'open'];

/** Turns what happens into metrics and log entries. The actors themselves know of neither. */
export function observe(observed: Observed): void {
  const { events, instruments, logger, refs, cache } = observed;
  let breaker: BreakerState = 'open';
  let outSaid = false;

  for (const [actor, ref] of refs) {
    instruments.gauge('understudy_mailbox_depth', 'Unanswered messages by actor.', () => ref.depth, {
      actor,
    });
  }
  for (const state of observed.redisConfigured ? STATES : []) {
    const read = (): number => (breaker === state ? 1 : 0);
    instruments.gauge('understudy_breaker_state', '1 for the state the circuit breaker is in.', read, {
      state,
    });
  }
  instruments.gauge(
    'understudy_journal_entries',
    'Changes that Redis has not confirmed.',
    () => cache.journal.size,
  );
  instruments.gauge('understudy_journal_bytes', 'Estimated size of the journal.', () => cache.journal.bytes);
  instruments.gauge('understudy_memory_entries', 'Entries in the memory tier.', () => cache.memory.size);
  instruments.gauge(
    'understudy_memory_bytes',
    'Estimated size of the memory tier.',
    () => cache.memory.bytes,
  );
  instruments.gauge(
    'understudy_memory_evictions',
    'Entries that newer ones pushed out.',
    () => cache.memory.evictions,
  );

  events.subscribe((event) => {
    switch (event.type) {
      case 'breaker.changed':
        breaker = event.state;
        instruments
          .counter('understudy_breaker_changes_total', 'Changes of state.', { state: event.state })
          .add();
        if (event.state === 'closed') {
          outSaid = false;
          logger.info({ generation: event.generation }, 'Redis serves');
        } else if (event.state === 'open' && event.generation > 1) {
          logger.warn({ generation: event.generation, reason: event.reason }, 'circuit breaker opened');
        }
        break;
      case 'breaker.probe-failed':
        // Once an outage, not once a probe.
        if (!outSaid)
          logger.warn({ reason: event.reason }, 'Redis is out: serving from memory until it is back');
        outSaid = true;
        break;
      case 'actor.restarted':
        instruments
          .counter('understudy_actor_restarts_total', 'Restarts by actor.', { actor: event.actor })
          .add();
        break;
      case 'dead-letter':
        instruments
          .counter('understudy_dead_letters_total', 'Messages that reached nobody.', { reason: event.reason })
          .add();
        logger.warn(
          { actor: event.actor, messageType: event.messageType, reason: event.reason },
          'dead letter',
        );
        break;
      case 'journal.replayed':
        instruments
          .counter('understudy_journal_replayed_total', 'Changes brought to Redis.')
          .add(event.applied);
        logger.info(
          { applied: event.applied, superseded: event.superseded, remaining: event.remaining },
          'journal replayed',
        );
        break;
      case 'system.changed':
        logger.info({ state: event.state }, 'system changed');
        break;
    }
  });
}
