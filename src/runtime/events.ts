/** What happens in the system, for whoever subscribed. Plain data, without keys or values. */
export type SystemEvent =
  | {
      readonly type: 'breaker.changed';
      readonly state: BreakerState;
      readonly generation: number;
      readonly reason: string;
    }
  | { readonly type: 'breaker.probe-failed'; readonly reason: string }
  /** The same of the circuit breaker in front of the durable tier, where that keeps values. */
  | {
      readonly type: 'archive.changed';
      readonly state: BreakerState;
      readonly generation: number;
      readonly reason: string;
    }
  | { readonly type: 'archive.probe-failed'; readonly reason: string }
  /** A master was replaced, or came back without its history: it may lack changes that were acknowledged. */
  | { readonly type: 'redis.failover' }
  /** What became of the recent changes of this process after that. */
  | {
      readonly type: 'redis.reasserted';
      readonly restored: number;
      readonly held: number;
      readonly superseded: number;
      readonly skipped: number;
    }
  /** It was out, and came back without what it held; until `since`, milliseconds since the epoch, it had it. */
  | { readonly type: 'redis.emptied'; readonly since: number }
  | {
      /** How far the warmer has come: `warmed` of the `done` have a value in memory now, or in Redis again. */
      readonly type: 'warmup.progress';
      readonly phase: 'reading' | 'restoring';
      readonly done: number;
      readonly total: number;
      readonly warmed: number;
    }
  | { readonly type: 'actor.crashed'; readonly actor: string; readonly error: string }
  | { readonly type: 'actor.restarted'; readonly actor: string; readonly restarts: number }
  | { readonly type: 'actor.escalated'; readonly actor: string; readonly error: string }
  | {
      readonly type: 'journal.replayed';
      readonly applied: number;
      readonly superseded: number;
      readonly remaining: number;
      /** Of those, how many Redis refuses although it is well. */
      readonly aside: number;
    }
  | {
      /** The store of the journal came, went, or held what a dead process left: `recovered` changes. */
      readonly type: 'journal.store';
      readonly up: boolean;
      readonly reason: string;
      readonly recovered: number;
    }
  | {
      readonly type: 'dead-letter';
      readonly actor: string;
      readonly messageType: string;
      readonly reason: string;
    }
  | { readonly type: 'system.changed'; readonly state: SystemState };

export type BreakerState = 'closed' | 'open' | 'half-open';
export type SystemState = 'booting' | 'running' | 'degraded' | 'draining' | 'stopped' | 'failed';

export type SystemListener = (event: SystemEvent) => void;

/** Hands events to listeners. A listener that throws is reported and does not disturb the others. */
export class EventBus {
  readonly #listeners = new Set<SystemListener>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: SystemListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(event: SystemEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
