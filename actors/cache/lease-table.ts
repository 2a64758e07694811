import { randomUUID } from 'node:crypto';
import { switchedOff } from '../../src/runtime/fault-switch.ts';

/** Somebody who waits for a lease to end. */
export interface LeaseWaiter {
  /** The holder stored or found something: the waiter gets what it got. */
  loaded(stored: string | undefined): void;
  /** The holder failed. */
  failed(reason: unknown): void;
  /** The holder is gone: ask again. */
  retry(): void;
}

export interface Lease {
  readonly key: string;
  readonly token: string;
  /** Monotonic milliseconds. */
  readonly expiresAt: number;
  /** A newer write or a delete came: what is loaded under it must not be stored. */
  voided: boolean;
  /** Orders what is loaded under it; '' where that is to be ordered as any change. */
  readonly version: string;
  /** Redis has it too, for all processes. */
  shared: boolean;
  /** There is something at the key already, which others may be answered meanwhile. */
  readonly anew: boolean;
  /** Those that are loaded together with it, where it is not alone. */
  readonly group: LeaseGroup | undefined;
  /** Its holder knows of it. One of a group may be in force before, while Redis is asked. */
  told: boolean;
  readonly waiters: Set<LeaseWaiter>;
}

/** Leases that one run of a loader serves: however many there are, they are one load. */
export interface LeaseGroup {
  /** Those of them that have not ended. */
  size: number;
}

/** What a lease is granted with, where more than this process, or more than one key, is concerned. */
export type Terms = Pick<Lease, 'token' | 'version' | 'shared'> & {
  readonly group?: LeaseGroup;
  readonly anew?: boolean;
};

/**
 * Who may load what. At most one lease a key is in force; a voided one lives on until its holder reports, because the
 * askers of before the void still wait for what it loads.
 */
export class LeaseTable {
  readonly #ttl: number;
  readonly #inForce = new Map<string, Lease>();
  readonly #byToken = new Map<string, Lease>();
  #loads = 0;
  /** Keys that wait until they may be loaded. */
  waiting = 0;
  /** Loads that found no room to wait. */
  refused = 0;

  constructor(ttl: number) {
    this.#ttl = ttl;
  }

  /** Milliseconds a lease is granted for. */
  get ttl(): number {
    return this.#ttl;
  }

  get size(): number {
    return this.#byToken.size;
  }

  /** The loads that these leases are for. */
  get loads(): number {
    return this.#loads;
  }

  /** The lease in force for a key. */
  current(key: string): Lease | undefined {
    return this.#inForce.get(key);
  }

  /** A lease that has not ended. */
  held(token: string): Lease | undefined {
    return this.#byToken.get(token);
  }

  grant(key: string, now: number, terms?: Terms): Lease {
    const group = terms?.group;
    const lease: Lease = {
      key,
      token: terms?.token ?? randomUUID(),
      version: terms?.version ?? '',
      shared: terms?.shared ?? false,
      anew: terms?.anew ?? false,
      group,
      told: group === undefined,
      expiresAt: now + this.#ttl,
      voided: false,
      waiters: new Set(),
    };
    this.#inForce.set(key, lease);
    this.#byToken.set(lease.token, lease);
    if (group === undefined || group.size++ === 0) this.#loads++;
    return lease;
  }

  /** Takes a lease out of the table for its holder to end it; undefined when it lapsed or is another key's. */
  end(key: string, token: string): Lease | undefined {
    const lease = this.#byToken.get(token);
    if (lease === undefined || lease.key !== key) return undefined;
    this.#remove(lease);
    return lease;
  }

  /** Voids the lease in force for a key; who asks from now on is granted a new one. */
  void(key: string): Lease | undefined {
    const lease = this.#inForce.get(key);
    if (lease === undefined || switchedOff.leaseVoiding) return undefined;
    lease.voided = true;
    this.#inForce.delete(key);
    return lease;
  }

  /** Voids the leases in force for all keys with a prefix. */
  voidPrefix(prefix: string): Lease[] {
    const keys = [...this.#inForce.keys()].filter((key) => key.startsWith(prefix));
    return keys.flatMap((key) => this.void(key) ?? []);
  }

  /** Takes out the leases whose holders did not report in time. */
  lapse(now: number): Lease[] {
    const lapsed = [...this.#byToken.values()].filter((lease) => lease.expiresAt <= now);
    for (const lease of lapsed) this.#remove(lease);
    return lapsed;
  }

  /** Every lease that has not ended. */
  all(): Lease[] {
    return [...this.#byToken.values()];
  }

  /** Forgets all waiters: after a crash of the actor they ask again, or have been told. */
  forgetWaiters(): void {
    for (const lease of this.#byToken.values()) lease.waiters.clear();
  }

  #remove(lease: Lease): void {
    const { group } = lease;
    this.#byToken.delete(lease.token);
    if (group === undefined || --group.size === 0) this.#loads--;
    if (this.#inForce.get(lease.key) === lease) this.#inForce.delete(lease.key);
  }
}

/** Tells everybody who waits for a lease, once. */
export function tell(lease: Lease, news: (waiter: LeaseWaiter) => void): void {
  const waiters = [...lease.waiters];
  lease.waiters.clear();
  for (const waiter of waiters) news(waiter);
}
