import type { Clock } from '../runtime/clock.ts';
import type { EventBus, SystemEvent } from '../runtime/events.ts';
import type { Logger } from '../runtime/logger.ts';

/** Milliseconds between two log entries on dead letters of one kind: under overload there are thousands. */
const QUIET = 1_000;

/** Writes a log entry for what an operator wants to know of. */
export function narrate(events: EventBus, logger: Logger, clock: Clock): void {
  let outage = false;
  let storeOut = false;
  let archiveOut = false;
  const deadLetter = deadLetterLog(logger, clock);
  events.subscribe((event) => {
    switch (event.type) {
      case 'breaker.changed': {
        const { generation, reason } = event;
        if (event.state === 'closed') {
          outage = false;
          logger.info({ generation }, 'Redis serves');
        } else if (event.state === 'open' && generation > 1) {
          logger.warn({ generation, reason }, 'circuit breaker opened');
        }
        break;
      }
      case 'breaker.probe-failed': {
        const { reason } = event;
        // Once an outage, not once a probe.
        if (!outage) logger.warn({ reason }, 'Redis is out: serving from memory until it is back');
        else logger.debug({ reason }, 'probe failed');
        outage = true;
        break;
      }
      case 'archive.changed': {
        const { generation, reason, state } = event;
        if (state === 'closed') {
          archiveOut = false;
          logger.info({ generation }, 'the durable tier serves');
        } else if (state === 'open' && generation > 1) {
          logger.warn({ generation, reason }, 'circuit breaker of the durable tier opened');
        }
        break;
      }
      case 'archive.probe-failed': {
        const { reason } = event;
        // Once an outage, not once a probe.
        if (!archiveOut) logger.warn({ reason }, 'the durable tier is out: its values are not to be had');
        else logger.debug({ reason }, 'probe of the durable tier failed');
        archiveOut = true;
        break;
      }
      case 'dead-letter':
        deadLetter(event);
        break;
      case 'journal.replayed': {
        const { applied, superseded, remaining, aside } = event;
        if (aside > 0)
          logger.warn({ aside }, 'Redis refuses changes that wait in the journal; check its ACL');
        logger.info({ applied, superseded, remaining }, 'journal replayed');
        break;
      }
      case 'journal.store': {
        const { up, reason, recovered } = event;
        if (recovered > 0) logger.info({ recovered }, 'journal recovered from what another process left');
        if (up && storeOut) logger.info({}, 'the store of the journal is back');
        // Once an outage, not once an attempt.
        if (!up && !storeOut)
          logger.warn(
            { reason },
            'the store of the journal is out: changes that Redis does not take are in memory only',
          );
        else if (!up) logger.debug({ reason }, 'the store of the journal is still out');
        storeOut = !up;
        break;
      }
      case 'redis.failover':
        logger.warn({}, 'another Redis server answers now: what it may have lost is made again');
        break;
      case 'redis.reasserted': {
        const { restored, held, superseded, skipped } = event;
        logger.warn({ restored, held, superseded, skipped }, 'recent changes made again after a failover');
        break;
      }
      case 'redis.emptied':
        logger.warn({}, 'Redis came back without what it held: what was made lately is made again');
        break;
      case 'warmup.progress': {
        const { phase, done, total, warmed } = event;
        if (done === 0) logger.info({ phase, total }, 'warming begins');
        else if (done === total) logger.info({ phase, total, warmed }, 'warming ended');
        else logger.debug({ phase, done, total, warmed }, 'warming');
        break;
      }
      case 'system.changed':
        logger.info({ state: event.state }, 'system changed');
        break;
      default:
        // Crashes: the supervisor has the error itself.
        break;
    }
  });
}

/** One entry a second for each kind of dead letter, which tells how many there were since the last. */
function deadLetterLog(
  logger: Logger,
  clock: Clock,
): (letter: Extract<SystemEvent, { type: 'dead-letter' }>) => void {
  const kinds = new Map<string, { said: number; since: number }>();
  return ({ actor, messageType, reason }) => {
    const kind = `${actor} ${reason}`;
    const now = clock.monotonic();
    const known = kinds.get(kind) ?? { said: -Infinity, since: 0 };
    known.since++;
    if (now - known.said >= QUIET) {
      const type = messageType.slice(0, 64);
      logger.warn({ actor, messageType: type, reason, count: known.since }, 'dead letter');
      known.said = now;
      known.since = 0;
    }
    kinds.set(kind, known);
  };
}
