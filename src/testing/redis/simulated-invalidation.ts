import { type BackoffOptions, backoff } from '../../runtime/backoff.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import type { InvalidationChannel, InvalidationListener } from '../../tiers/invalidation.ts';
import { KeySpace } from '../../wire/keys.ts';
import { markOf } from '../../wire/stored.ts';
import type { Connection } from './connection.ts';
import type { SimulatedRedis } from './simulated-redis.ts';

/** Between attempts to connect while the breaker is closed. */
const RECONNECT: BackoffOptions = { min: 20, max: 1_000 };

export interface SimulatedInvalidationOptions {
  readonly prefix: string;
  /** Of the user's keys to hear of; all of them without. */
  readonly prefixes?: readonly string[] | undefined;
  /** Milliseconds that what is heard of may be old. */
  readonly staleness: number;
}

/** Hears of every change that a simulated Redis makes, as from a server that tracks them. */
export class SimulatedInvalidation implements InvalidationChannel {
  readonly #redis: SimulatedRedis;
  readonly #clock: Clock;
  readonly #space: KeySpace;
  readonly #options: SimulatedInvalidationOptions;
  #listener: InvalidationListener | undefined;
  #connection: Connection | undefined;
  #failures = 0;
  #timer: Timer;

  constructor(redis: SimulatedRedis, clock: Clock, options: SimulatedInvalidationOptions) {
    this.#redis = redis;
    this.#clock = clock;
    this.#space = new KeySpace(options.prefix);
    this.#options = options;
  }

  open(listener: InvalidationListener): void {
    this.close();
    this.#listener = listener;
    void this.#connect();
  }

  close(): void {
    this.#listener = undefined;
    this.#drop();
  }

  async #connect(): Promise<void> {
    const connection = this.#redis.accept();
    this.#connection = connection;
    try {
      await this.#ask(connection, 'connect');
    } catch {
      this.#lost(connection, 'the simulated Redis takes no connection');
      return;
    }
    if (this.#connection !== connection) return;
    this.#failures = 0;
    this.#redis.watch(connection, {
      changed: (name, text) => this.#changed(name, text),
      flushed: () => this.#listener?.missed('everything was flushed'),
      closed: () => this.#lost(connection, 'the connection was closed'),
    });
    this.#listener?.armed('tracking');
    this.#beat(connection);
  }

  /** What has been changed before a heartbeat is told before its answer. */
  #beat(connection: Connection): void {
    const sent = this.#clock.monotonic();
    this.#ask(connection, 'read').then(
      () => this.#listener?.heard(sent),
      () => this.#lost(connection, 'heartbeats do not come back'),
    );
    const interval = Math.max(5, this.#options.staleness / 4);
    this.#timer = this.#clock.setTimeout(() => this.#beat(connection), interval);
  }

  #ask(connection: Connection, kind: 'connect' | 'read'): Promise<void> {
    return this.#redis.perform(connection, { kind, expires: Number.POSITIVE_INFINITY, carryOut: () => {} });
  }

  #changed(name: string, text: string | undefined): void {
    const { prefixes = [''] } = this.#options;
    const marker = this.#space.marker(name);
    const key = marker ?? this.#space.user(name);
    if (key === undefined) return;
    if (marker === undefined && !prefixes.some((prefix) => key.startsWith(prefix))) return;
    this.#listener?.changed(key, markOf(text ?? ''));
  }

  #lost(connection: Connection, reason: string): void {
    if (this.#connection !== connection) return;
    this.#drop();
    this.#listener?.lost(reason);
    this.#timer = this.#clock.setTimeout(() => void this.#connect(), backoff(this.#failures++, RECONNECT));
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#clock.clearTimeout(this.#timer);
    connection?.close();
  }
}
