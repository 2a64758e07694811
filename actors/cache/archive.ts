import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { TraceContext } from '../../src/runtime/envelope.ts';
import type { Write } from '../../src/tiers/tier.ts';
import { versionOf } from '../../src/wire/stored.ts';
import type { ArchiveMessage } from '../archive/messages.ts';
import type { CircuitBreakerMessage } from '../circuit-breaker/messages.ts';
import type { ArchiveBacklog, Told } from './archive-backlog.ts';

export interface ArchiveOptions {
  readonly kind: 'postgres' | 'pglite';
  /** Milliseconds between two looks for what is over. */
  readonly pruneEvery: number;
  /** Rows that are deleted at once. */
  readonly pruneBatch: number;
}

/**
 * What is known of the durable tier where it keeps values: whether it is to be asked, and what it has not got yet. It belongs to
 * the system: a restarted actor finds it as its predecessor left it.
 */
export class Archive {
  readonly options: ArchiveOptions;
  readonly backlog: ArchiveBacklog;
  /** Whether its circuit breaker is closed. */
  up = false;
  /** Somebody waited for it in vain: until it has answered again nobody else waits. */
  slow = false;
  /** Called when there is something for it. */
  onPending: () => void = () => {};
  /** Makes what waits for a look there before something else is made that it must not come after. */
  hurry: () => void = () => {};
  /** Keys that it was asked for in vain. */
  misses = 0;
  /** Rows that were over, and are gone. */
  pruned = 0;
  /** Changes that it does not take although it is well. */
  refused = 0;

  constructor(options: ArchiveOptions, backlog: ArchiveBacklog) {
    this.options = options;
    this.backlog = backlog;
  }

  /** Takes in a change that was accepted. What a relative one leads to is not known here. */
  changed(write: Write): void {
    const { key, version } = write;
    if (write.op === 'touch' || write.op === 'increment') this.backlog.add({ op: 'look', key, version });
    else if (write.op === 'delete') this.backlog.add({ op: 'delete', key, version });
    else if (write.op === 'mark') this.backlog.add(write);
    else this.backlog.add({ op: 'set', key, version, ttl: write.ttl, stored: write.stored });
    this.onPending();
  }

  /** Takes in what a change led to, as this process knows it. */
  holds(key: string, stored: string, ttl: number): void {
    const version = versionOf(stored);
    if (version === '') return;
    this.backlog.add({ op: 'set', key, version, ttl, stored });
    this.onPending();
  }

  clear(prefix: string, version: string): void {
    this.backlog.clear(prefix, version);
    this.onPending();
  }

  /** Tells when it has what is pending of a key; at once when that cannot be soon. */
  whenKept(key: string, told: Told): void {
    if (this.#prompt) this.backlog.whenKept(key, told);
    else told(false);
  }

  /** The same of clearings. */
  whenCleared(told: Told): void {
    if (this.#prompt) this.backlog.whenCleared(told);
    else told(false);
  }

  get #prompt(): boolean {
    return this.up && !this.slow;
  }
}

/** Asks the actor in front of a tier. */
export type Ask<M> = <Reply>(message: M, trace?: TraceContext) => Promise<Reply>;

export function asks<M extends ArchiveMessage | CircuitBreakerMessage>(ref: ActorRef): Ask<M> {
  return <Reply>(message: M, trace?: TraceContext) =>
    new Promise<Reply>((resolve, reject) => {
      const answered = (reply: Reply): void => resolve(reply);
      ref.post(message, answered as (reply: never) => void, reject, { deadline: Infinity, trace });
    });
}
