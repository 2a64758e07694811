import type { Journal } from '../../actors/cache/journal.ts';
import { JournalMirror } from '../../actors/cache/journal-mirror.ts';
import type { Options } from '../config/schema.ts';
import type { Clock } from '../runtime/clock.ts';
import type { EventBus } from '../runtime/events.ts';
import type { Logger } from '../runtime/logger.ts';
import { describeError } from '../telemetry/describe-error.ts';
import type { DurableSessions } from '../tiers/durable-sessions.ts';
import { LazyJournalStore } from '../tiers/lazy-journal-store.ts';
import type { MemoryTier } from '../tiers/memory.ts';

export interface DurableJournalParts {
  readonly journal: Journal;
  readonly memory: MemoryTier;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly logger: Logger;
}

/** What keeps the journal in the durable tier that is configured; undefined where none is, or no Redis to journal for. */
export function durableJournal(
  options: Options,
  sessions: DurableSessions | undefined,
  parts: DurableJournalParts,
): JournalMirror | undefined {
  const { durable, redis, prefix } = options;
  const { logger, ...others } = parts;
  if (durable === undefined || sessions === undefined) return undefined;
  if (redis === undefined) {
    if (durable.values !== undefined) return undefined;
    logger.warn(
      {},
      'there is a durable tier and no Redis: there is no journal to keep, and the tier is not used',
    );
    return undefined;
  }
  return new JournalMirror({ ...others, store: new LazyJournalStore(sessions, prefix), describe });
}

function describe(error: unknown): string {
  const { code, message, errors = [] } = describeError(error);
  // What cannot connect to any of several addresses says nothing itself.
  const text = message === '' ? (errors[0]?.message ?? 'it cannot be reached') : message;
  return code === undefined || text.includes(code) ? text : `${code}: ${text}`;
}

interface Running {
  readonly reached: Promise<void>;
  readonly stop: () => Promise<void>;
}

/** What must be there before anybody is answered, and is the last to go. */
type Recovered = Pick<JournalMirror, 'start' | 'close'>;

/**
 * Starts a system when the journal has been recovered, so that no message is answered without it; at once where there is
 * nothing to recover. The store is the last to go: what the actors leave when they have drained is kept in it.
 */
export function afterRecovery(
  mirror: Recovered | undefined,
  { durable, drain }: Options,
  start: () => Running,
): Running & { readonly recovered: Promise<void> } {
  if (mirror === undefined) return { recovered: Promise.resolve(), ...start() };
  let ending = false;
  const recovered = mirror.start(durable?.timeout ?? 0);
  const running = recovered.then(() => (ending ? undefined : start()));
  const reached = running.then((system) => system?.reached);
  // Who wants to know of a failure waits for `recovered`.
  reached.catch(() => {});
  const stop = async (): Promise<void> => {
    ending = true;
    const system = await running.catch(() => undefined);
    await system?.stop();
    await mirror.close(drain);
  };
  return { recovered, reached, stop };
}
