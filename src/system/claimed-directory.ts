import type { Clock } from '../runtime/clock.ts';
import { isUnderstudyError } from '../runtime/errors.ts';
import type { DurableSessions } from '../tiers/durable-sessions.ts';
import type { SqlSession } from '../tiers/postgres/sql.ts';

/**
 * The directory of an embedded Postgres, for a system that keeps values there and no journal: it is to be ours before anybody is
 * answered, or the start fails.
 */
export class ClaimedDirectory {
  readonly #sessions: DurableSessions;
  readonly #clock: Clock;
  #session: SqlSession | undefined;
  #closed = false;

  constructor(sessions: DurableSessions, clock: Clock) {
    this.#sessions = sessions;
    this.#clock = clock;
  }

  /** Rejects with JOURNAL_LOCKED, or INVALID_CONFIG; whatever else fails is looked at again later. */
  async start(patience: number): Promise<void> {
    const clock = this.#clock;
    await new Promise<void>((resolve, reject) => {
      const timer = clock.setTimeout(resolve, patience);
      this.#claim()
        .then(resolve, (error: unknown) => (isUnderstudyError(error) ? reject(error) : resolve()))
        .finally(() => clock.clearTimeout(timer));
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#session?.end();
  }

  async #claim(): Promise<void> {
    const session = await this.#sessions.connect();
    if (this.#closed) await session.end();
    else this.#session = session;
  }
}
