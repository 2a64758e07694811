import CircuitBreaker from 'opossum';
import type { BreakerState } from '../../src/runtime/events.ts';

export interface GateOptions {
  /** Milliseconds a round trip may take. Always finite: a call that hangs would hold a half-open breaker for ever. */
  readonly timeout: number;
  readonly failures: number;
  readonly errorRate: number;
  readonly minimum: number;
  readonly window: number;
  readonly resetTimeout: number;
  /** Whether an error says that Redis is well and merely refused. */
  readonly isRefusal: (error: unknown) => boolean;
}

export type GateSignal =
  | { readonly type: 'gate.tripped'; readonly reason: string }
  | { readonly type: 'gate.recovered' }
  | { readonly type: 'gate.reset-timeout' };

/** Thrown for calls the breaker does not let through. */
export class GateClosedError extends Error {
  constructor() {
    super('the circuit breaker is open');
    this.name = 'GateClosedError';
  }
}

type Work = () => Promise<unknown>;

/**
 * One generation of the breaker: an opossum of its own, made for one state and thrown away with it. What was begun in an
 * earlier generation ends there, so that no late success closes, and no late failure opens, the breaker of today.
 */
export class Gate {
  readonly #opossum: CircuitBreaker<[Work], unknown>;
  readonly #signal: (signal: GateSignal) => void;
  readonly #failures: number;
  #consecutive = 0;
  #retired = false;

  constructor(state: BreakerState, options: GateOptions, signal: (signal: GateSignal) => void) {
    this.#signal = signal;
    this.#failures = options.failures;
    // A fresh object: opossum fills the one it is given.
    const settings: CircuitBreaker.Options<[Work]> & { state: object } = {
      timeout: options.timeout,
      resetTimeout: options.resetTimeout,
      errorThresholdPercentage: options.errorRate * 100,
      volumeThreshold: options.minimum,
      rollingCountTimeout: options.window,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      errorFilter: options.isRefusal,
      state: {
        name: 'redis',
        enabled: true,
        closed: state === 'closed',
        open: state === 'open',
        halfOpen: state === 'half-open',
        warmUp: false,
        shutdown: false,
      },
    };
    this.#opossum = new CircuitBreaker<[Work], unknown>((work) => work(), settings);
    // opossum knows rates only; consecutive failures are counted here and applied with open().
    this.#opossum.on('success', () => {
      this.#consecutive = 0;
    });
    this.#opossum.on('failure', (error: Error) => this.#failed(error));
    const reason =
      state === 'half-open' ? 'the trial failed' : `failure rate of ${options.errorRate} or more`;
    this.#opossum.on('open', () => this.#tell({ type: 'gate.tripped', reason }));
    this.#opossum.on('close', () => this.#tell({ type: 'gate.recovered' }));
    this.#opossum.on('halfOpen', () => this.#tell({ type: 'gate.reset-timeout' }));
  }

  /** Runs one round trip. Rejects with GateClosedError when it is not let through. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    let result: { readonly value: T } | undefined;
    try {
      await this.#opossum.fire(async () => {
        result = { value: await work() };
      });
    } catch (error) {
      throw isRejection(error) ? new GateClosedError() : error;
    }
    if (result === undefined) throw new GateClosedError();
    return result.value;
  }

  /** Ends this generation. What is under way finishes, but is heard of no more. */
  retire(): void {
    this.#retired = true;
    this.#opossum.shutdown();
  }

  #failed(error: Error): void {
    this.#consecutive++;
    if (this.#consecutive < this.#failures || this.#retired) return;
    this.#tell({
      type: 'gate.tripped',
      reason: `${this.#consecutive} consecutive failures, the last: ${error.message}`,
    });
  }

  #tell(signal: GateSignal): void {
    if (!this.#retired) this.#signal(signal);
  }
}

function isRejection(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === 'EOPENBREAKER' || error.code === 'ESHUTDOWN')
  );
}
