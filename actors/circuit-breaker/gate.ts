import { EventEmitter } from 'node:events';
import CircuitBreaker from 'opossum';
import type { Clock, Timer } from '../../src/runtime/clock.ts';
import { safeError } from '../../src/tiers/redis/failures.ts';

export interface GateOptions {
  /** Milliseconds a round trip may take. Always finite: a call that hangs would hold a half-open breaker for ever. */
  readonly timeout: number;
  readonly failures: number;
  readonly errorRate: number;
  readonly minimum: number;
  readonly window: number;
  /** Whether an error says that Redis is well and merely refused. */
  readonly isRefusal: (error: unknown) => boolean;
}

export type GateSignal =
  | { readonly type: 'gate.tripped'; readonly reason: string }
  | { readonly type: 'gate.recovered' };

/** Thrown for calls the breaker does not let through. */
export class GateClosedError extends Error {
  constructor() {
    super('the circuit breaker is open');
    this.name = 'GateClosedError';
  }
}

type Work = () => Promise<unknown>;

/** Slices of the window: the oldest is forgotten when another begins. */
const SLICES = 10;

/** Consecutive failures are counted for each: reads that succeed must not hide that every write fails. */
export type Lane = 'read' | 'write';

/**
 * One generation of the breaker: an opossum of its own, made for one state and thrown away with it. What was begun in an
 * earlier generation ends there, so that no late success closes, and no late failure opens, the breaker of today. An open
 * breaker has none. opossum counts; whatever waits does so on our clock, not on its timers.
 */
export class Gate {
  readonly #opossum: CircuitBreaker<[Work], unknown>;
  readonly #signal: (signal: GateSignal) => void;
  readonly #options: GateOptions;
  readonly #clock: Clock;
  readonly #consecutive: Record<Lane, number> = { read: 0, write: 0 };
  #slice: Timer;
  #retired = false;

  constructor(
    state: 'closed' | 'half-open',
    options: GateOptions,
    clock: Clock,
    signal: (signal: GateSignal) => void,
  ) {
    this.#signal = signal;
    this.#options = options;
    this.#clock = clock;
    const slices = new EventEmitter();
    // A fresh object: opossum fills the one it is given.
    const settings: CircuitBreaker.Options<[Work]> & { state: object } = {
      timeout: false,
      errorThresholdPercentage: options.errorRate * 100,
      volumeThreshold: options.minimum,
      rollingCountTimeout: options.window,
      rollingCountBuckets: SLICES,
      rotateBucketController: slices,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
      errorFilter: options.isRefusal,
      state: {
        name: 'redis',
        enabled: true,
        closed: state === 'closed',
        open: false,
        halfOpen: state === 'half-open',
        warmUp: false,
        shutdown: false,
      },
    };
    this.#opossum = new CircuitBreaker<[Work], unknown>((work) => work(), settings);
    const reason =
      state === 'half-open' ? 'the trial failed' : `failure rate of ${options.errorRate} or more`;
    this.#opossum.on('open', () => this.#tell({ type: 'gate.tripped', reason }));
    this.#opossum.on('close', () => this.#tell({ type: 'gate.recovered' }));
    this.#turn(slices);
  }

  /** Runs one round trip. Rejects with GateClosedError when it is not let through, with ETIMEDOUT when it takes too long. */
  async pass<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    let result: { readonly value: T } | undefined;
    try {
      await this.#opossum.fire(() =>
        this.#timed(async () => {
          result = { value: await work() };
        }),
      );
    } catch (error) {
      const rejected = isRejection(error);
      if (!rejected) this.#count(lane, error);
      throw rejected ? new GateClosedError() : error;
    }
    if (result === undefined) throw new GateClosedError();
    this.#consecutive[lane] = 0;
    return result.value;
  }

  /** Ends this generation. What is under way finishes, but is heard of no more. */
  retire(): void {
    this.#retired = true;
    this.#clock.clearTimeout(this.#slice);
    this.#opossum.shutdown();
  }

  /** What takes longer goes on, and nobody hears of it. */
  #timed(work: Work): Promise<unknown> {
    const clock = this.#clock;
    const { timeout } = this.#options;
    return new Promise((resolve, reject) => {
      const late = (): void =>
        reject(Object.assign(new Error(`Timed out after ${timeout}ms`), { code: 'ETIMEDOUT' }));
      const timer = clock.setTimeout(late, timeout);
      const ended =
        <T>(end: (how: T) => void) =>
        (how: T): void => {
          clock.clearTimeout(timer);
          end(how);
        };
      work().then(ended(resolve), ended(reject));
    });
  }

  #turn(slices: EventEmitter): void {
    this.#slice = this.#clock.setTimeout(() => {
      slices.emit('rotate');
      this.#turn(slices);
    }, this.#options.window / SLICES);
  }

  /** opossum knows rates only, so consecutive failures are counted here. */
  #count(lane: Lane, error: unknown): void {
    if (this.#options.isRefusal(error)) {
      this.#consecutive[lane] = 0;
      return;
    }
    const failures = ++this.#consecutive[lane];
    if (failures < this.#options.failures) return;
    const last = safeError(error).message;
    this.#tell({
      type: 'gate.tripped',
      reason: `${failures} consecutive ${lane} failures, the last: ${last}`,
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
