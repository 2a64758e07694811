import { randomUUID } from 'node:crypto';
import { type BackoffOptions, backoff } from '../../src/runtime/backoff.ts';
import type { Clock, Timer } from '../../src/runtime/clock.ts';
import type { LeaseAnswer, LeaseRequest } from '../../src/tiers/lease.ts';
import type { HybridClock } from '../../src/wire/hybrid-clock.ts';
import type { Asker, Source } from './asker.ts';
import type { LeaseTable } from './lease-table.ts';
import { type LoadLimits, LoadSlots, type ManyAtOnce } from './load-slots.ts';
import { type Attempt, Pursuit, PursuitRequest } from './pursuit.ts';
import type { RemoteLeases } from './remote-leases.ts';

/** Between looks whether another process has loaded a key, or its lease has ended: one look a key and process. */
const LOOK: BackoffOptions = { min: 4, max: 100 };

const REMOTE: Source = { tier: 'redis', degraded: false };
const ALONE: Source = { tier: 'memory', degraded: true };

export interface PursuitsParts {
  readonly leases: LeaseTable;
  readonly time: HybridClock;
  readonly clock: Clock;
  readonly limits: LoadLimits;
  /** A lease was granted here. */
  readonly onGranted: () => void;
}

/**
 * Finds out who loads a key: first this process must have a slot for another load, then Redis says whether another
 * process has the lease. While one has, there is one look a key, less and less often, for all who wait for it here. While
 * Redis cannot be asked, the lease is this process's own.
 */
export class Pursuits {
  readonly #parts: PursuitsParts;
  readonly #slots: LoadSlots<Pursuit | ManyAtOnce>;
  readonly #byKey = new Map<string, Pursuit>();
  #remote: RemoteLeases | undefined;
  #timer: Timer | undefined;
  #timerDue = Infinity;

  constructor(parts: PursuitsParts) {
    this.#parts = parts;
    this.#slots = new LoadSlots(parts.limits, parts.leases);
  }

  attach(remote: RemoteLeases): void {
    this.#remote = remote;
  }

  /** There is no value, and nobody here loads it. Throws LOADS_EXHAUSTED. */
  join(asker: Asker, source: Source): void {
    const present = this.#byKey.get(asker.key);
    if (present !== undefined) {
      asker.waitFor(present);
      asker.othersLoad();
      return;
    }
    const pursuit = new Pursuit(asker.key, source, asker.discounted);
    const entered = this.#slots.enter(pursuit);
    this.#byKey.set(asker.key, pursuit);
    asker.waitFor(pursuit);
    if (entered === 'entered') this.#begin(pursuit);
    else asker.othersLoad();
  }

  /** A load has ended: others may begin. */
  advance(): void {
    for (let next = this.#slots.next(); next !== undefined; next = this.#slots.next()) {
      if (next instanceof Pursuit) this.#begin(next);
      else this.#beginMany(next);
    }
  }

  /** Whether somebody here is after the lease of a key. */
  pursues(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** A load of many keys begins, as one, as soon as there is a slot. Throws LOADS_EXHAUSTED. */
  admit(many: ManyAtOnce): void {
    if (this.#slots.enter(many) === 'entered') this.#beginMany(many);
  }

  /** It is not to begin any more. */
  withdraw(many: ManyAtOnce): void {
    this.#slots.leave(many);
  }

  /** Leases were granted that nobody here was after. */
  granted(): void {
    this.#parts.onGranted();
  }

  #beginMany(many: ManyAtOnce): void {
    many.begin();
    this.#giveUpSlot();
  }

  /** Nobody may wait for it any more. */
  left(pursuit: Pursuit): void {
    if (pursuit.waiters.size > 0) return;
    if (this.#slots.leave(pursuit) || pursuit.dueAt !== undefined) this.#end(pursuit);
  }

  /** A key was changed here. */
  changed(key: string): void {
    if (this.#byKey.size === 0) return;
    const pursuit = this.#byKey.get(key);
    if (pursuit !== undefined) pursuit.overtaken = true;
  }

  cleared(prefix: string): void {
    for (const [key, pursuit] of this.#byKey) if (key.startsWith(prefix)) pursuit.overtaken = true;
  }

  stop(): void {
    this.#parts.clock.clearTimeout(this.#timer);
  }

  /** It has a slot. */
  #begin(pursuit: Pursuit): void {
    const [asker] = pursuit.askers();
    if (asker === undefined) {
      this.#end(pursuit);
      this.#giveUpSlot();
      return;
    }
    const remote = this.#remote;
    const attempt = { token: randomUUID(), version: this.#parts.time.next() };
    pursuit.overtaken = false;
    if (remote === undefined || pursuit.source.degraded || !remote.usable) {
      this.#grant(pursuit, attempt, remote === undefined ? pursuit.source : ALONE, false);
    } else {
      const request = this.#request('take', pursuit, attempt.token);
      const done = (answer: LeaseAnswer | undefined): void => this.#taken(pursuit, attempt, remote, answer);
      remote.send(new PursuitRequest(pursuit, request, done), asker.trace);
    }
  }

  #taken(pursuit: Pursuit, attempt: Attempt, remote: RemoteLeases, answer: LeaseAnswer | undefined): void {
    const granted = answer?.status === 'granted';
    const own = granted || answer?.status === 'failed';
    if (own && pursuit.overtaken) {
      // The change has voided it, and may have left a value: who waits asks again.
      remote.release(pursuit.key, attempt.token);
      this.#retry(pursuit, undefined);
      this.#giveUpSlot();
    } else if (own) {
      this.#grant(pursuit, attempt, granted ? REMOTE : ALONE, granted);
    } else {
      this.#looked(pursuit, answer);
      this.#giveUpSlot();
    }
  }

  /** Redis has told, and this process has no slot for it. */
  #looked(pursuit: Pursuit, answer: LeaseAnswer | undefined): void {
    if (answer?.status === 'held') this.#lookAgain(pursuit, answer.remaining);
    else if (answer?.status === 'present') this.#retry(pursuit, answer.digest);
    else if (answer === undefined) this.#end(pursuit);
    else this.#enter(pursuit);
  }

  /** It may be loaded here, as soon as there is a slot. */
  #enter(pursuit: Pursuit): void {
    try {
      if (this.#slots.enter(pursuit) === 'entered') this.#begin(pursuit);
    } catch (error) {
      this.#end(pursuit);
      for (const asker of pursuit.askers()) asker.failed(error);
    }
  }

  #grant(pursuit: Pursuit, { token, version }: Attempt, source: Source, shared: boolean): void {
    const { leases, clock, onGranted } = this.#parts;
    this.#end(pursuit);
    const [first, ...others] = pursuit.askers();
    if (first === undefined) {
      if (shared) this.#remote?.release(pursuit.key, token);
      this.#giveUpSlot();
      return;
    }
    const anew = pursuit.discounted !== undefined;
    const lease = leases.grant(pursuit.key, clock.monotonic(), { token, version, shared, anew });
    this.#slots.settled();
    onGranted();
    for (const other of others) other.waitFor(lease);
    first.granted(lease, leases.ttl, source);
  }

  #retry(pursuit: Pursuit, discounted: string | undefined): void {
    this.#end(pursuit);
    for (const asker of pursuit.askers()) {
      asker.discounted = discounted;
      asker.retry();
    }
  }

  #request(op: 'look' | 'take', { key, discounted }: Pursuit, token: string): LeaseRequest {
    return { op, key, token, ttl: this.#parts.leases.ttl, discounted };
  }

  #end(pursuit: Pursuit): void {
    if (this.#byKey.get(pursuit.key) === pursuit) this.#byKey.delete(pursuit.key);
  }

  #giveUpSlot(): void {
    this.#slots.settled();
    this.advance();
  }

  #lookAgain(pursuit: Pursuit, remaining: number): void {
    for (const asker of pursuit.askers()) asker.othersLoad();
    if (pursuit.askers().length === 0) {
      this.#end(pursuit);
      return;
    }
    const now = this.#parts.clock.monotonic();
    pursuit.dueAt = now + Math.min(backoff(pursuit.attempts++, LOOK), remaining + LOOK.min * Math.random());
    this.#wakeAt(pursuit.dueAt, now);
  }

  #wakeAt(dueAt: number, now: number): void {
    if (dueAt >= this.#timerDue) return;
    const { clock } = this.#parts;
    clock.clearTimeout(this.#timer);
    this.#timerDue = dueAt;
    this.#timer = clock.setTimeout(this.#wake, Math.ceil(dueAt - now));
  }

  readonly #wake = (): void => {
    this.#timerDue = Infinity;
    const now = this.#parts.clock.monotonic();
    let next = Infinity;
    for (const pursuit of [...this.#byKey.values()]) {
      const { dueAt } = pursuit;
      if (dueAt === undefined) continue;
      if (dueAt > now) next = Math.min(next, dueAt);
      else this.#look(pursuit);
    }
    if (next !== Infinity) this.#wakeAt(next, now);
  };

  #look(pursuit: Pursuit): void {
    pursuit.dueAt = undefined;
    const [asker] = pursuit.askers();
    const remote = this.#remote;
    if (asker === undefined) this.#end(pursuit);
    else if (this.#slots.waiting === 0 && this.#slots.reserve()) this.#begin(pursuit);
    else if (remote === undefined || !remote.usable) this.#enter(pursuit);
    else {
      const request = this.#request('look', pursuit, 'none');
      const done = (answer: LeaseAnswer | undefined): void => this.#looked(pursuit, answer);
      remote.send(new PursuitRequest(pursuit, request, done), asker.trace);
    }
  }
}
