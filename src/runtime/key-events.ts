import { UnderstudyError } from './errors.ts';
import type { BreakerState } from './events.ts';

/** Which tier answered. */
type TierName = 'memory' | 'redis' | 'postgres';

interface Read {
  readonly key: string;
  readonly tier: TierName;
  /** True when Redis should have answered and could not. */
  readonly degraded: boolean;
}

interface Change {
  readonly key: string;
  readonly tier: TierName;
  readonly degraded: boolean;
  /** Whether it outlives this process already. */
  readonly durable: boolean;
}

/**
 * What happens to keys, and to the tiers that hold them. It names keys, so it is told within the process only; values it
 * never has.
 */
export interface KeyEvents {
  readonly hit: Read;
  readonly miss: Read;
  /** There was something past its time to be fresh: a miss to all but those who can use it. */
  readonly stale: Read;
  readonly set: Change;
  readonly delete: Change;
  readonly touch: Change;
  readonly increment: Change;
  /** It left memory: for newer ones (`capacity`), or because its time was over (`expired`), as is seen when it is asked for. */
  readonly evict: { readonly key: string; readonly reason: 'capacity' | 'expired' };
  /** A loader ended here. `took`: milliseconds. */
  readonly load: {
    readonly key: string;
    readonly took: number;
    readonly outcome: 'loaded' | 'failed' | 'skipped';
  };
  /** A loader failed, with whatever it threw; or a change was refused, with the error that its caller is told. */
  readonly error: {
    readonly key: string;
    readonly operation: 'load' | 'set' | 'delete' | 'touch' | 'increment';
    readonly error: unknown;
  };
  /** The circuit breaker in front of Redis is in another state. */
  readonly breaker: { readonly state: BreakerState; readonly reason: string };
  /**
   * A tier behind memory went out, or came back: Redis, the values in the durable tier (`postgres`), or the store that keeps the
   * journal (`durable`).
   */
  readonly tier: {
    readonly tier: 'redis' | 'postgres' | 'durable';
    readonly up: boolean;
    readonly reason: string;
  };
}

export type KeyEventName = keyof KeyEvents;
export type KeyListener<Name extends KeyEventName> = (event: KeyEvents[Name]) => void;

const NAMES = {
  hit: true,
  miss: true,
  stale: true,
  set: true,
  delete: true,
  touch: true,
  increment: true,
  evict: true,
  load: true,
  error: true,
  breaker: true,
  tier: true,
} satisfies Record<KeyEventName, true>;

/** Tells who listens. Whoever has something to tell looks at {@link active} first: where nobody listens it costs that look. */
export class KeyEventBus {
  readonly #listeners = new Map<KeyEventName, Set<(event: never) => void>>();
  readonly #onError: (error: unknown) => void;
  /** Whether anybody listens to anything. */
  active = false;

  /** A listener that throws is reported, and disturbs nobody. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Returns the function that ends the subscription. Throws INVALID_OPTION for an unknown name. */
  on<Name extends KeyEventName>(name: Name, listener: KeyListener<Name>): () => void {
    if (!Object.hasOwn(NAMES, name))
      throw new UnderstudyError('INVALID_OPTION', `event: expected one of ${Object.keys(NAMES).join(', ')}`);
    if (typeof listener !== 'function')
      throw new UnderstudyError('INVALID_OPTION', `listener: expected a function, got ${typeof listener}`);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    this.active = true;
    return () => {
      listeners.delete(listener);
      this.active = [...this.#listeners.values()].some(({ size }) => size > 0);
    };
  }

  emit<Name extends KeyEventName>(name: Name, event: KeyEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as KeyListener<Name>)(event);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
