/** Milliseconds a lease is granted for. */
export const LEASE = 170;
/** Milliseconds between looks for leases whose holders did not report: how much longer than its time one may last. */
const SWEEP = 100;

/** What an asker is told. */
export type Told =
  | { readonly value: unknown }
  | 'nothing'
  | 'leased'
  | 'ACTOR_CRASHED'
  | 'DEADLINE_EXCEEDED'
  | { readonly reason: string };

/** Somebody who asked for a key, and all that he was told: one thing, in the end. */
interface Asker {
  readonly key: string;
  readonly told: Told[];
  redelivered: boolean;
  /** By when he must be told. */
  readonly deadline: number;
}

/** An asker whom the cache let go at his deadline, and when. */
export interface Late {
  readonly asker: number;
  readonly at: number;
}

export interface ModelLease {
  readonly key: string;
  readonly expires: number;
  voided: boolean;
  /** Who was granted it. */
  readonly holder: number;
  waiters: Asker[];
}

/** What leases are to do where memory is all there is. */
export class LeaseModel {
  readonly values = new Map<string, unknown>();
  readonly askers: Asker[] = [];
  /** Those that were granted and have not ended. */
  leases: ModelLease[] = [];
  /** All that were ever granted. */
  readonly granted: ModelLease[] = [];
  now = 0;
  #sweep: number | undefined;

  inForce(key: string): ModelLease | undefined {
    return this.leases.find((lease) => lease.key === key && !lease.voided);
  }

  acquire(key: string, patience: number): void {
    const asker: Asker = { key, told: [], redelivered: false, deadline: this.now + patience };
    this.askers.push(asker);
    this.#ask(asker);
  }

  /** Whether it is stored. */
  fulfil(lease: ModelLease | undefined, value: unknown): boolean {
    if (lease === undefined || !this.leases.includes(lease)) return false;
    this.#end(lease);
    for (const { told } of lease.waiters) told.push(value === undefined ? 'nothing' : { value });
    if (lease.voided || value === undefined) return false;
    this.values.set(lease.key, value);
    return true;
  }

  /** Whether there was such a lease. */
  abandon(lease: ModelLease | undefined, reason: string | undefined): boolean {
    if (lease === undefined || !this.leases.includes(lease)) return false;
    this.#end(lease);
    if (reason === undefined) this.#again(lease.waiters);
    else for (const { told } of lease.waiters) told.push({ reason });
    return true;
  }

  set(key: string, value: unknown): void {
    const lease = this.inForce(key);
    this.#void(lease);
    // Who waits for a value has one.
    for (const { told } of lease?.waiters.splice(0) ?? []) told.push({ value });
    this.values.set(key, value);
  }

  increment(key: string): void {
    this.#void(this.inForce(key));
    this.values.set(key, Number(this.values.get(key) ?? 0) + 1);
  }

  delete(key: string): void {
    this.#void(this.inForce(key));
    this.values.delete(key);
  }

  clear(prefix: string): void {
    for (const lease of this.leases) if (lease.key.startsWith(prefix)) this.#void(lease);
    for (const key of [...this.values.keys()]) if (key.startsWith(prefix)) this.values.delete(key);
  }

  /** `late` tells who was let go meanwhile, in order: that rounds as it likes, but what follows must fit. */
  advance(milliseconds: number, late: readonly Late[]): void {
    const until = this.now + milliseconds;
    const gone = [...late];
    for (;;) {
      const sweep = this.#sweep ?? Number.POSITIVE_INFINITY;
      const next = gone[0];
      if (next !== undefined && next.at <= Math.min(sweep, until)) {
        gone.shift();
        this.#letGo(next.asker);
      } else if (sweep <= until) this.#sweepAt(sweep);
      else break;
    }
    this.now = until;
  }

  #letGo(at: number): void {
    const asker = this.askers[at];
    if (asker === undefined) return;
    asker.told.push('DEADLINE_EXCEEDED');
    for (const lease of this.leases) lease.waiters = lease.waiters.filter((other) => other !== asker);
  }

  #sweepAt(now: number): void {
    this.now = now;
    this.#sweep = undefined;
    const lapsed = this.leases.filter(({ expires }) => expires <= now);
    for (const lease of lapsed) this.#end(lease);
    for (const { waiters } of lapsed) this.#again(waiters);
    if (this.leases.length > 0) this.#watch();
  }

  /** The actor crashes and is back: who waited is asked for again, once. Leases stay. */
  crash(): void {
    const waiting = this.askers.filter(({ told }) => told.length === 0);
    for (const lease of this.leases) lease.waiters = [];
    const again = waiting.filter(({ redelivered }) => !redelivered);
    for (const asker of waiting) if (asker.redelivered) asker.told.push('ACTOR_CRASHED');
    for (const asker of again) {
      asker.redelivered = true;
      this.#ask(asker);
    }
    this.#sweep = this.leases.length > 0 ? this.now + SWEEP : undefined;
  }

  #ask(asker: Asker): void {
    const lease = this.inForce(asker.key);
    if (lease !== undefined) lease.waiters.push(asker);
    else if (this.values.has(asker.key)) asker.told.push({ value: this.values.get(asker.key) });
    else this.#grant(asker);
  }

  #again(waiters: readonly Asker[]): void {
    for (const asker of waiters) this.#ask(asker);
  }

  #grant(asker: Asker): void {
    asker.told.push('leased');
    const holder = this.askers.indexOf(asker);
    const { key } = asker;
    const lease = { key, expires: this.now + LEASE, voided: false, holder, waiters: [] };
    this.leases.push(lease);
    this.granted.push(lease);
    this.#watch();
  }

  #watch(): void {
    this.#sweep ??= this.now + SWEEP;
  }

  #void(lease: ModelLease | undefined): void {
    if (lease !== undefined) lease.voided = true;
  }

  #end(lease: ModelLease): void {
    this.leases = this.leases.filter((other) => other !== lease);
  }
}
