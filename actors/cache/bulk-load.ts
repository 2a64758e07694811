import { randomUUID } from 'node:crypto';
import { type BackoffOptions, backoff } from '../../src/runtime/backoff.ts';
import type { Clock, Timer } from '../../src/runtime/clock.ts';
import { Envelope, type Lateness } from '../../src/runtime/envelope.ts';
import { isUnderstudyError, UnderstudyError } from '../../src/runtime/errors.ts';
import type { LeaseAnswer } from '../../src/tiers/lease.ts';
import type { Values } from '../../src/wire/values.ts';
import { Asker, type AskerHost, type Awaited, type Source } from './asker.ts';
import { LeaseInquiry } from './lease-inquiry.ts';
import { type Lease, type LeaseGroup, tell } from './lease-table.ts';
import type { ManyAtOnce } from './load-slots.ts';
import type { Found, Held, Leased, NotFound } from './messages.ts';
import { Pursuit } from './pursuit.ts';
import type { Pursuits } from './pursuits.ts';
import type { Reads } from './reads.ts';
import type { RemoteLeases } from './remote-leases.ts';
import type { CacheState } from './state.ts';

/** Between looks whether other processes have loaded what is waited for: one look for all of it. */
const LOOK: BackoffOptions = { min: 4, max: 100 };

const REMOTE: Source = { tier: 'redis', degraded: false };
const ALONE: Source = { tier: 'memory', degraded: true };

export interface BulkLoadParts {
  readonly state: CacheState;
  readonly reads: Reads;
  readonly pursuits: Pursuits;
  readonly clock: Clock;
  /** Without them there is no Redis to share leases by. */
  readonly remote: RemoteLeases | undefined;
  /** The actor is gone: nothing more is to be done here. */
  readonly stopped: () => boolean;
}

export interface BulkLoadRequest {
  readonly keys: readonly string[];
  /** Whether it waits for what others load, while there is nothing for the asker to load. */
  readonly patient: boolean;
  /** With what it is one load. */
  readonly group: LeaseGroup;
}

/** An asker that found no value. */
interface Missing {
  readonly asker: Asker;
  readonly source: Source;
}

/**
 * One `cache.acquireMany`: its keys are read, and the leases of those without a value taken, as one load with one slot. A
 * lease is in force here while Redis is asked for it, so that nobody else in this process asks as well. It is answered as
 * soon as it has a lease, and so holds none while it waits: two that want each other's keys both go on.
 */
export class BulkLoad implements AskerHost, Lateness, ManyAtOnce {
  readonly #parts: BulkLoadParts;
  readonly #envelope: Envelope;
  readonly #request: BulkLoadRequest;
  readonly #answers = new Map<string, Found | Leased | Held | NotFound>();
  /** Those that wait for what others in this process load. */
  readonly #waiting = new Set<Asker>();
  /** Those for which other processes have the lease. */
  readonly #elsewhere = new Set<Asker>();
  #looks = 0;
  #timer: Timer | undefined;
  #missing: Missing[] = [];
  /** Those for which others have stopped loading in this turn. */
  #again: Asker[] = [];
  /** Reads and requests for leases that are not answered. */
  #out = 0;
  #leases = 0;
  /** It waits for a slot. */
  #queued = false;
  #finishing = false;

  constructor(parts: BulkLoadParts, envelope: Envelope, request: BulkLoadRequest) {
    this.#parts = parts;
    this.#envelope = envelope;
    this.#request = request;
  }

  get values(): Values {
    return this.#parts.state.values;
  }

  start(): void {
    this.#envelope.lateness = this;
    const distinct = new Set(this.#request.keys);
    if (distinct.size === 0) this.#finish();
    else this.#read(Array.from(distinct, (key) => this.#askerOf(key)));
  }

  missed(asker: Asker, source: Source): void {
    this.#missing.push({ asker, source });
    this.#returned();
  }

  /** One that waited is to ask again; all of this turn do so together. */
  again(asker: Asker): void {
    this.#waiting.delete(asker);
    if (this.#again.push(asker) > 1) return;
    process.nextTick(() => {
      const askers = this.#again;
      this.#again = [];
      if (this.#goesOn()) this.#read(askers);
    });
  }

  look(asker: Asker): void {
    this.#parts.reads.read(asker, asker.trace);
  }

  /** None of them wants to know how old what it finds is. */
  timing(): undefined {
    return undefined;
  }

  left(_asker: Asker, awaited: Awaited): void {
    if (awaited instanceof Pursuit) this.#parts.pursuits.left(awaited);
  }

  begin(): void {
    const missing = this.#missing;
    this.#missing = [];
    this.#queued = false;
    if (!this.#envelope.open) return;
    this.#out += missing.length;
    for (const each of missing) this.#take(each);
    this.#parts.pursuits.granted();
  }

  late(): void {
    this.#fail(
      new UnderstudyError('DEADLINE_EXCEEDED', 'cache.acquireMany was not answered within its deadline'),
    );
  }

  #askerOf(key: string): Asker {
    const answered = (answer: Found | Leased | NotFound): void => {
      this.#answers.set(key, answer);
      if ('lease' in answer) this.#leases++;
      if (this.#waiting.delete(asker)) this.#settled();
      else this.#returned();
    };
    const failed = (error: unknown): void => this.#fail(error);
    const { trace } = this.#envelope;
    const asker = new Asker(key, new Envelope({ type: 'cache.acquire' }, trace, answered, failed), this, {});
    return asker;
  }

  #read(askers: readonly Asker[]): void {
    this.#out += askers.length;
    for (const asker of askers) this.#parts.reads.read(asker, this.#envelope.trace);
  }

  /** What was asked of a tier for one of the keys has been answered. */
  #returned(): void {
    this.#out--;
    this.#settled();
  }

  #settled(): void {
    if (this.#out > 0 || !this.#envelope.open) return;
    this.#missing = this.#missing.filter((each) => !this.#heldHere(each));
    if (this.#missing.length > 0 && !this.#queued) this.#enter();
    else if (this.#leases > 0 || this.#missing.length + this.#pending() === 0) this.#finishSoon();
    else if (this.#elsewhere.size > 0) this.#lookLater();
  }

  /** Those that wait for others. */
  #pending(): number {
    return this.#waiting.size + this.#again.length + this.#elsewhere.size;
  }

  #goesOn(): boolean {
    return this.#envelope.open && !this.#parts.stopped();
  }

  #enter(): void {
    if (this.#request.group.size > 0) this.begin();
    else {
      this.#queued = true;
      try {
        this.#parts.pursuits.admit(this);
      } catch (error) {
        if (!isUnderstudyError(error)) throw error;
        this.#fail(error);
      }
    }
  }

  /** Whether another asker in this process has the lease, or is after it. */
  #heldHere({ asker, source }: Missing): boolean {
    const { state, pursuits } = this.#parts;
    const lease = state.leases.current(asker.key);
    if (lease === undefined && !pursuits.pursues(asker.key)) return false;
    if (this.#request.patient) {
      this.#waiting.add(asker);
      if (lease === undefined) pursuits.join(asker, source);
      else asker.waitFor(lease);
    } else this.#held(asker, { tier: 'memory', degraded: source.degraded });
    return true;
  }

  #held({ key }: Asker, { tier, degraded }: Source): void {
    this.#answers.set(key, { found: false, held: true, tier, degraded });
  }

  #take(missing: Missing): void {
    // Others may have come first while it waited for its slot.
    if (this.#heldHere(missing)) {
      this.#returned();
      return;
    }
    const { asker, source } = missing;
    const { state, clock, remote } = this.#parts;
    const { leases, time } = state;
    const { group } = this.#request;
    const anew = asker.discounted !== undefined;
    const terms = { token: randomUUID(), version: time.next(), shared: false, group, anew };
    const lease = leases.grant(asker.key, clock.monotonic(), terms);
    if (remote === undefined || source.degraded || !remote.usable) {
      asker.granted(lease, leases.ttl, remote === undefined ? source : ALONE);
      return;
    }
    const done = (answer: LeaseAnswer | undefined): void => this.#taken(asker, lease, remote, answer);
    this.#inquire(remote, 'take', asker, lease.token, done);
  }

  #inquire(
    remote: RemoteLeases,
    op: 'take' | 'look',
    { key, discounted }: Asker,
    token: string,
    done: (answer: LeaseAnswer | undefined) => void,
  ): void {
    const request = { op, key, token, ttl: this.#parts.state.leases.ttl, discounted };
    remote.send(new LeaseInquiry(request, this.#envelope, done), this.#envelope.trace);
  }

  #taken(asker: Asker, lease: Lease, remote: RemoteLeases, answer: LeaseAnswer | undefined): void {
    const own = answer?.status === 'granted' || answer?.status === 'failed';
    if (own && !lease.voided && this.#envelope.open) {
      lease.shared = answer.status === 'granted';
      asker.granted(lease, this.#parts.state.leases.ttl, lease.shared ? REMOTE : ALONE);
      return;
    }
    if (own) remote.release(lease.key, lease.token);
    this.#end(lease.key, lease.token);
    if (!this.#envelope.open) return;
    if (answer?.status === 'held') {
      if (this.#request.patient) this.#elsewhere.add(asker);
      else this.#held(asker, REMOTE);
      this.#returned();
    } else this.#readAgain(asker, answer);
  }

  /** There is something at the key, or was when it was changed. */
  #readAgain(asker: Asker, answer: LeaseAnswer | undefined): void {
    if (answer?.status === 'present') asker.discounted = answer.digest;
    this.#parts.reads.read(asker, this.#envelope.trace);
  }

  #lookLater(): void {
    this.#timer ??= this.#parts.clock.setTimeout(
      () => {
        this.#timer = undefined;
        if (this.#goesOn()) this.#look();
      },
      Math.ceil(backoff(this.#looks++, LOOK)),
    );
  }

  /** Whether other processes have loaded what is waited for, or given it up. A look takes nothing, and needs no slot. */
  #look(): void {
    const { remote } = this.#parts;
    const askers = [...this.#elsewhere];
    if (remote?.usable !== true) {
      this.#elsewhere.clear();
      this.#read(askers);
      return;
    }
    this.#out += askers.length;
    for (const asker of askers)
      this.#inquire(remote, 'look', asker, 'none', (answer) => this.#looked(asker, answer));
  }

  #looked(asker: Asker, answer: LeaseAnswer | undefined): void {
    if (answer?.status !== 'held') this.#elsewhere.delete(asker);
    if (answer?.status === 'granted') this.#missing.push({ asker, source: REMOTE });
    if (answer?.status === 'held' || answer?.status === 'granted') this.#returned();
    else if (this.#envelope.open) this.#readAgain(asker, answer);
  }

  /** One that waits may be granted more leases in this turn. */
  #finishSoon(): void {
    if (!this.#request.patient) this.#finish();
    else if (!this.#finishing) {
      this.#finishing = true;
      process.nextTick(() => {
        this.#finishing = false;
        if (this.#out + this.#again.length === 0 && !this.#parts.stopped()) this.#finish();
      });
    }
  }

  #finish(): void {
    if (!this.#envelope.open) return;
    const { state } = this.#parts;
    for (const asker of this.#elsewhere) this.#held(asker, REMOTE);
    const others: Held = { found: false, held: true, tier: 'memory', degraded: false };
    const answers = this.#request.keys.map((key) => this.#answers.get(key) ?? others);
    for (const answer of answers) {
      const lease = state.leases.held(tokenOf(answer) ?? '');
      if (lease !== undefined) lease.told = true;
    }
    this.#envelope.reply(answers);
    this.#leave();
  }

  /** Nobody will load what was granted so far. */
  #fail(error: unknown): void {
    if (!this.#envelope.open) return;
    this.#envelope.fail(error);
    this.#leave();
    for (const [key, answer] of this.#answers) {
      const lease = this.#parts.state.leases.held(tokenOf(answer) ?? '');
      if (lease === undefined) continue;
      if (lease.shared) this.#parts.remote?.release(key, lease.token);
      this.#end(key, lease.token);
    }
  }

  /** It waits for nothing any more. */
  #leave(): void {
    this.#parts.pursuits.withdraw(this);
    this.#parts.clock.clearTimeout(this.#timer);
    for (const asker of this.#waiting) asker.late();
    this.#waiting.clear();
  }

  #end(key: string, token: string): void {
    const { state, pursuits } = this.#parts;
    const lease = state.leases.end(key, token);
    if (lease === undefined) return;
    pursuits.advance();
    tell(lease, (waiter) => waiter.retry());
  }
}

function tokenOf(answer: Found | Leased | Held | NotFound): string | undefined {
  return 'lease' in answer && typeof answer.lease === 'string' ? answer.lease : undefined;
}
