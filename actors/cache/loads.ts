import type { Clock, Timer } from '../../src/runtime/clock.ts';
import type { Envelope, TraceContext } from '../../src/runtime/envelope.ts';
import { isUnderstudyError, UnderstudyError } from '../../src/runtime/errors.ts';
import type { Write } from '../../src/tiers/tier.ts';
import { checkKey } from '../../src/wire/keys.ts';
import { createdOf, extrasOf, freshOf } from '../../src/wire/stored.ts';
import type { Values } from '../../src/wire/values.ts';
import { Asker, type AskerHost, type AskerTerms, type Awaited, type Source } from './asker.ts';
import { Backoffs, checkBackoff } from './backoffs.ts';
import { type Lease, tell } from './lease-table.ts';
import type { LoadLimits } from './load-slots.ts';
import type { CacheMessage, Timing } from './messages.ts';
import { Pursuit } from './pursuit.ts';
import { Pursuits } from './pursuits.ts';
import type { Reads } from './reads.ts';
import type { RemoteLeases } from './remote-leases.ts';
import type { CacheState } from './state.ts';

type Abandonment = Extract<CacheMessage, { type: 'cache.abandon' }>;

/** Milliseconds between looks for leases whose holders are gone. */
const SWEEP = 100;

/** Loads are leases: one asker a key is to load, the others wait for what it gets. */
export class Loads implements AskerHost {
  readonly values: Values;
  readonly #state: CacheState;
  readonly #leases: CacheState['leases'];
  readonly #backoffs: Backoffs;
  readonly #pursuits: Pursuits;
  readonly #reads: Reads;
  readonly #clock: Clock;
  #remote: RemoteLeases | undefined;
  #sweep: Timer | undefined;

  constructor(state: CacheState, reads: Reads, clock: Clock, limits: LoadLimits) {
    const { leases, time } = state;
    this.values = state.values;
    this.#state = state;
    this.#backoffs = new Backoffs(clock);
    this.#leases = leases;
    this.#reads = reads;
    this.#clock = clock;
    this.#pursuits = new Pursuits({ leases, time, clock, limits, onGranted: () => this.#watch() });
    leases.forgetWaiters();
    if (leases.size > 0) this.#watch();
  }

  /** Without it, there is no Redis to share leases by. */
  attach(remote: RemoteLeases): void {
    this.#remote = remote;
    this.#pursuits.attach(remote);
  }

  /** Where loads of many keys take their turn. */
  get pursuits(): Pursuits {
    return this.#pursuits;
  }

  /** `cache.acquire`. */
  acquire(envelope: Envelope, key: string, terms: AskerTerms): void {
    checkKey(key);
    const asker = new Asker(key, envelope, this, terms);
    const lease = this.#leases.current(key);
    if (terms.renew) this.#renew(asker);
    else if (lease !== undefined && !lease.anew) asker.waitFor(lease);
    else this.#reads.read(asker, envelope.trace);
  }

  /** What this process knows is to be loaded anew, if it is still that. */
  #renew(asker: Asker): void {
    const { memory, time } = this.#state;
    const present = memory.kept(asker.key, time.now());
    if (present !== undefined) asker.loadAnew(present);
    this.missed(asker, { tier: 'memory', degraded: false });
  }

  /** There is no value: the asker loads it, or waits for the one who does. */
  missed(asker: Asker, source: Source): void {
    const current = this.#leases.current(asker.key);
    if (current !== undefined) {
      asker.waitFor(current);
      asker.othersLoad();
      return;
    }
    if (asker.hasFallback && this.#backoffs.holds(asker.key)) {
      asker.backOff();
      return;
    }
    try {
      this.#pursuits.join(asker, source);
    } catch (error) {
      if (!isUnderstudyError(error)) throw error;
      asker.failed(error);
    }
  }

  timing(key: string): Timing | undefined {
    const { memory, time } = this.#state;
    const now = time.now();
    const stored = memory.kept(key, now);
    const created = stored === undefined ? undefined : createdOf(stored);
    const fresh = stored === undefined ? undefined : freshOf(stored);
    if (stored === undefined || created === undefined || fresh === undefined) return undefined;
    return { now, created, fresh, took: extrasOf(stored).took ?? 0 };
  }

  left(_asker: Asker, awaited: Awaited): void {
    if (awaited instanceof Pursuit) this.#pursuits.left(awaited);
  }

  /** Ends a lease whose holder reports. Its waiters must be told next. Undefined when it lapsed long ago. */
  end(key: string, token: unknown): Lease | undefined {
    checkKey(key);
    if (typeof token !== 'string') {
      throw new UnderstudyError(
        'INVALID_MESSAGE',
        `lease: expected the token of a lease, got a ${typeof token}`,
      );
    }
    const lease = this.#leases.end(key, token);
    if (lease !== undefined) this.#pursuits.advance();
    return lease;
  }

  /** `cache.abandon`. */
  abandon(envelope: Envelope, { key, lease: token, reason, backoff }: Abandonment): void {
    if (backoff !== undefined) checkBackoff(backoff);
    const lease = this.end(key, token);
    if (lease !== undefined) {
      if (backoff !== undefined) this.#backoffs.hold(key, backoff);
      this.giveBack(lease, envelope.trace);
      tell(lease, (waiter) => (reason === undefined ? waiter.retry() : waiter.failed(reason)));
    }
    envelope.reply({ abandoned: lease !== undefined });
  }

  /** Nothing is stored under a lease that has ended: other processes need not wait any longer. */
  giveBack({ key, token }: Lease, trace?: TraceContext): void {
    this.#remote?.release(key, token, trace);
  }

  /** No report is taken any more: other processes need not wait for one. */
  drain(): void {
    for (const lease of this.#leases.all()) if (lease.shared) this.giveBack(lease);
  }

  /** A change that the lease in force did not make. */
  readonly changed = (write: Write): void => {
    if (write.op === 'touch') return;
    this.#pursuits.changed(write.key);
    if (this.#leases.size === 0) return;
    const lease = this.#leases.current(write.key);
    if (lease === undefined) return;
    this.#leases.void(write.key);
    // Who waits for a value can have the one that was just written.
    if (write.op === 'set') tell(lease, (waiter) => waiter.loaded(write.stored));
  };

  cleared(prefix: string): void {
    this.#pursuits.cleared(prefix);
    for (const lease of this.#leases.voidPrefix(prefix)) this.giveBack(lease);
  }

  /** Again from the start, for a waiter whose holder is gone. */
  again(asker: Asker): void {
    const lease = this.#leases.current(asker.key);
    if (lease === undefined) this.#reads.read(asker, undefined);
    else {
      asker.waitFor(lease);
      asker.othersLoad();
    }
  }

  look(asker: Asker): void {
    this.#reads.read(asker, asker.trace);
  }

  stop(): void {
    this.#pursuits.stop();
    this.#clock.clearTimeout(this.#sweep);
  }

  #watch(): void {
    this.#sweep ??= this.#clock.setTimeout(() => {
      this.#sweep = undefined;
      for (const lease of this.#leases.lapse(this.#clock.monotonic()))
        tell(lease, (waiter) => waiter.retry());
      this.#pursuits.advance();
      if (this.#leases.size > 0) this.#watch();
    }, SWEEP);
  }
}
