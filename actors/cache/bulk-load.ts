import { randomUUID } from 'node:crypto';
import type { Clock } from '../../src/runtime/clock.ts';
import { Envelope, type Lateness } from '../../src/runtime/envelope.ts';
import { isUnderstudyError, UnderstudyError } from '../../src/runtime/errors.ts';
import type { LeaseAnswer, LeaseRequest } from '../../src/tiers/lease.ts';
import { Asker, type AskerHost, type Source } from './asker.ts';
import type { QueuedLease } from './lease-batch.ts';
import { type Lease, type LeaseGroup, tell } from './lease-table.ts';
import type { ManyAtOnce } from './load-slots.ts';
import type { Found, Held, Leased } from './messages.ts';
import type { Pursuits } from './pursuits.ts';
import type { Reads } from './reads.ts';
import type { RemoteLeases } from './remote-leases.ts';
import type { CacheState } from './state.ts';

const REMOTE: Source = { tier: 'redis', degraded: false };
const ALONE: Source = { tier: 'memory', degraded: true };

export interface BulkLoadParts {
  readonly state: CacheState;
  readonly reads: Reads;
  readonly pursuits: Pursuits;
  readonly clock: Clock;
  /** Without them there is no Redis to share leases by. */
  readonly remote: RemoteLeases | undefined;
}

/** An asker that found no value. */
interface Missing {
  readonly asker: Asker;
  readonly source: Source;
}

/**
 * One `cache.acquireMany`: its keys are read, and the leases of those without a value taken, as one load with one slot. It
 * waits for no load of another: two that want each other's keys both go on. A lease is in force here while Redis is asked
 * for it, so that nobody else in this process asks as well.
 */
export class BulkLoad implements AskerHost, Lateness, ManyAtOnce {
  readonly #parts: BulkLoadParts;
  readonly #envelope: Envelope;
  readonly #keys: readonly string[];
  readonly #group: LeaseGroup;
  readonly #answers = new Map<string, Found | Leased | Held>();
  readonly #granted: Lease[] = [];
  #missing: Missing[] = [];
  /** Reads and requests for leases that are not answered. */
  #out = 0;

  constructor(parts: BulkLoadParts, envelope: Envelope, keys: readonly string[], group: LeaseGroup) {
    this.#parts = parts;
    this.#envelope = envelope;
    this.#keys = keys;
    this.#group = group;
  }

  start(): void {
    const distinct = new Set(this.#keys);
    if (distinct.size === 0) this.#envelope.reply([]);
    this.#envelope.lateness = this;
    this.#out = distinct.size;
    for (const key of distinct) this.again(this.#askerOf(key));
  }

  again(asker: Asker): void {
    this.#parts.reads.read(asker, this.#envelope.trace);
  }

  missed(asker: Asker, source: Source): void {
    this.#missing.push({ asker, source });
    this.#returned();
  }

  left(): void {}

  begin(): void {
    const missing = this.#missing;
    this.#missing = [];
    if (!this.#envelope.open) return;
    this.#out = missing.length;
    for (const each of missing) this.#take(each);
    this.#parts.pursuits.granted();
  }

  late(): void {
    this.#fail(
      new UnderstudyError('DEADLINE_EXCEEDED', 'cache.acquireMany was not answered within its deadline'),
    );
  }

  #askerOf(key: string): Asker {
    const answered = (answer: Found | Leased | Held): void => {
      this.#answers.set(key, answer);
      this.#returned();
    };
    const failed = (error: unknown): void => this.#fail(error);
    const { trace } = this.#envelope;
    return new Asker(key, new Envelope({ type: 'cache.acquire' }, trace, answered, failed), this);
  }

  #returned(): void {
    if (--this.#out > 0 || !this.#envelope.open) return;
    const missing = this.#missing.filter(({ asker, source }) => !this.#heldHere(asker.key, source));
    this.#missing = missing;
    if (missing.length === 0) this.#finish();
    else if (this.#group.size > 0) this.begin();
    else {
      try {
        this.#parts.pursuits.admit(this);
      } catch (error) {
        if (!isUnderstudyError(error)) throw error;
        this.#fail(error);
      }
    }
  }

  /** Whether another asker in this process has the lease, or is after it. */
  #heldHere(key: string, source: Source): boolean {
    const { state, pursuits } = this.#parts;
    if (state.leases.current(key) === undefined && !pursuits.pursues(key)) return false;
    this.#held(key, { tier: 'memory', degraded: source.degraded });
    return true;
  }

  #held(key: string, { tier, degraded }: Source): void {
    this.#answers.set(key, { found: false, held: true, tier, degraded });
  }

  #take({ asker, source }: Missing): void {
    const { key, unreadable } = asker;
    // Others may have come first while it waited for its slot.
    if (this.#heldHere(key, source)) {
      this.#returned();
      return;
    }
    const { state, clock, remote } = this.#parts;
    const { leases, time } = state;
    const terms = { token: randomUUID(), version: time.next(), shared: false, group: this.#group };
    const lease = leases.grant(key, clock.monotonic(), terms);
    if (remote === undefined || source.degraded || !remote.usable) {
      this.#grant(asker, lease, remote === undefined ? source : ALONE);
      return;
    }
    const request: LeaseRequest = { op: 'take', key, token: lease.token, ttl: leases.ttl, unreadable };
    const done = (answer: LeaseAnswer | undefined): void => this.#taken(asker, lease, remote, answer);
    remote.send(new Take(request, this.#envelope, done), this.#envelope.trace);
  }

  #taken(asker: Asker, lease: Lease, remote: RemoteLeases, answer: LeaseAnswer | undefined): void {
    const { status } = answer ?? {};
    const own = status === 'granted' || status === 'failed';
    if (own && !lease.voided && this.#envelope.open) {
      lease.shared = status === 'granted';
      this.#grant(asker, lease, lease.shared ? REMOTE : ALONE);
      return;
    }
    if (own) remote.release(lease.key, lease.token);
    this.#giveBack(lease);
    if (answer?.status === 'held') {
      this.#held(lease.key, REMOTE);
      this.#returned();
    } else if (this.#envelope.open) {
      // There is something at the key, or was when it was changed: whoever asked looks again.
      if (answer?.status === 'present') asker.unreadable = answer.digest;
      this.again(asker);
    }
  }

  #grant(asker: Asker, lease: Lease, source: Source): void {
    this.#granted.push(lease);
    asker.granted(lease, this.#parts.state.leases.ttl, source);
  }

  #finish(): void {
    for (const lease of this.#granted) lease.told = true;
    this.#envelope.reply(this.#keys.map((key) => this.#answers.get(key)));
  }

  /** Nobody will load what was granted so far. */
  #fail(error: unknown): void {
    if (!this.#envelope.open) return;
    this.#envelope.fail(error);
    this.#parts.pursuits.withdraw(this);
    for (const lease of this.#granted) {
      if (lease.shared) this.#parts.remote?.release(lease.key, lease.token);
      this.#giveBack(lease);
    }
  }

  #giveBack({ key, token }: Lease): void {
    const { state, pursuits } = this.#parts;
    const lease = state.leases.end(key, token);
    if (lease === undefined) return;
    pursuits.advance();
    tell(lease, (waiter) => waiter.retry());
  }
}

/** Asks Redis for one of the leases. */
class Take implements QueuedLease {
  readonly request: LeaseRequest;
  readonly #envelope: Envelope;
  readonly #done: (answer: LeaseAnswer | undefined) => void;

  /** `done` is told undefined when it was not sent, because nobody waits any more. */
  constructor(request: LeaseRequest, envelope: Envelope, done: (answer: LeaseAnswer | undefined) => void) {
    this.request = request;
    this.#envelope = envelope;
    this.#done = done;
  }

  get wanted(): boolean {
    return this.#envelope.open;
  }

  settle(answer: LeaseAnswer): void {
    this.#done(answer);
  }

  dropped(): void {
    this.#done(undefined);
  }
}
