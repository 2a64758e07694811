import type { Clock } from '../../runtime/clock.ts';
import type { LeaseAnswer, LeaseRequest } from '../../tiers/lease.ts';
import { failureKind } from '../../tiers/redis/failures.ts';
import type { RedisTierOptions } from '../../tiers/redis/options.ts';
import type { Outcome, ProbeReport, RemoteTier, ScanPage, Write } from '../../tiers/tier.ts';
import { KeySpace } from '../../wire/keys.ts';
import { recordClearing } from './clearings.ts';
import type { Connection } from './connection.ts';
import type { CommandKind } from './faults.ts';
import type { Ground } from './ground.ts';
import type { Keyspace } from './keyspace.ts';
import { leaseAll } from './lease.ts';
import { replayAll } from './replay.ts';
import type { SimulatedRedis } from './simulated-redis.ts';
import { writeAll } from './write.ts';

/** Milliseconds in a day. */
const RECEIPT_TTL = 86_400_000;

export type SimulatedTierOptions = Pick<
  RedisTierOptions,
  'prefix' | 'connectTimeout' | 'commandTimeout' | 'tombstoneTtl' | 'receiptTtl'
>;

/** What the Redis tier is to the breaker, on a simulated Redis. */
export class SimulatedTier implements RemoteTier {
  readonly name = 'redis';
  readonly address = { host: 'simulated', port: undefined };
  readonly #redis: SimulatedRedis;
  readonly #clock: Clock;
  readonly #options: SimulatedTierOptions;
  readonly #ground: Ground;
  #connection: Connection | undefined;
  /** Whether it has been answered. */
  #ready = false;

  constructor(redis: SimulatedRedis, clock: Clock, options: SimulatedTierOptions) {
    this.#redis = redis;
    this.#clock = clock;
    this.#options = options;
    const { prefix, tombstoneTtl, receiptTtl = RECEIPT_TTL } = options;
    this.#ground = { keyspace: redis.keyspace, space: new KeySpace(prefix), tombstoneTtl, receiptTtl };
  }

  get connected(): boolean {
    return this.#ready && this.#connection?.open === true;
  }

  async connect(): Promise<ProbeReport> {
    this.disconnect();
    const connection = this.#redis.accept();
    this.#connection = connection;
    try {
      await this.#within(this.#perform(connection, 'connect', () => {}));
      const report = await this.#verify(connection);
      this.#ready = this.#connection === connection;
      return report;
    } catch (error) {
      if (this.#connection === connection) this.disconnect();
      throw error;
    }
  }

  probe(): Promise<ProbeReport> {
    const connection = this.#connection;
    return connection !== undefined && this.connected ? this.#verify(connection) : this.connect();
  }

  disconnect(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#ready = false;
  }

  async read(keys: readonly string[]): Promise<readonly (string | null)[]> {
    if (keys.length === 0) return [];
    const { space } = this.#ground;
    return this.#send('read', (keyspace) => keys.map((key) => keyspace.text(space.data(key)) ?? null));
  }

  write(writes: readonly Write[], wait = 0): Promise<readonly Outcome[]> {
    return this.#send('write', () => {
      const outcomes = writeAll(this.#ground, writes);
      if (wait === 0) return outcomes;
      const { replicas } = this.#redis;
      return outcomes.map((outcome) => (outcome.status === 'done' ? { ...outcome, replicas } : outcome));
    });
  }

  replay(writes: readonly Write[]): Promise<readonly Outcome[]> {
    return this.#send('write', () => replayAll(this.#ground, writes));
  }

  clear(prefix: string, version: string, spared?: readonly string[]): Promise<void> {
    return this.#send('write', () => recordClearing(this.#ground, prefix, version, spared));
  }

  recall(): Promise<string | null> {
    const { space } = this.#ground;
    return this.#send('read', (keyspace) => keyspace.text(space.hot()) ?? null);
  }

  remember(text: string, ttl: number, anew: boolean): Promise<boolean> {
    const { space } = this.#ground;
    return this.#send('write', (keyspace) => {
      if (anew && keyspace.has(space.hot())) return false;
      keyspace.set(space.hot(), text, ttl);
      return true;
    });
  }

  lease(requests: readonly LeaseRequest[]): Promise<readonly LeaseAnswer[]> {
    return this.#send('write', () => leaseAll(this.#ground, requests));
  }

  scan(prefix: string, cursor: string | undefined, count: number): Promise<ScanPage> {
    const { space } = this.#ground;
    return this.#scan(prefix, cursor, count, (name) => space.user(name));
  }

  scanLeases(prefix: string, cursor: string | undefined, count: number): Promise<ScanPage> {
    const { space } = this.#ground;
    return this.#scan(prefix, cursor, count, (name) => space.leased(name));
  }

  /** In the order of the keys; the cursor is the last of a page. */
  #scan(
    prefix: string,
    cursor: string | undefined,
    count: number,
    keyOf: (name: string) => string | undefined,
  ): Promise<ScanPage> {
    return this.#send('read', (keyspace) => {
      const rest = keyspace
        .names()
        .flatMap((name) => keyOf(name) ?? [])
        .filter((key) => key.startsWith(prefix) && (cursor === undefined || key > cursor))
        .sort();
      const keys = rest.slice(0, count);
      return { keys, cursor: rest.length > count ? keys.at(-1) : undefined };
    });
  }

  /** A user without the right to write is no reason not to read. */
  async #verify(connection: Connection): Promise<ProbeReport> {
    const began = this.#clock.monotonic();
    const time = this.#perform(connection, 'read', (keyspace) => keyspace.now());
    const { space } = this.#ground;
    const probe = this.#perform(connection, 'write', (keyspace) => keyspace.set(space.probe(), '1', 1_000));
    const writable = probe.catch((error) => {
      if (failureKind(error) !== 'refused') throw error;
    });
    const [serverTime] = await this.#within(Promise.all([time, writable]));
    return { serverTime, roundTrip: this.#clock.monotonic() - began };
  }

  #send<T>(kind: CommandKind, carryOut: (keyspace: Keyspace) => T): Promise<T> {
    const connection = this.#connection;
    if (connection === undefined || !this.connected)
      return Promise.reject(new Error('not connected to Redis'));
    return this.#perform(connection, kind, carryOut);
  }

  #perform<T>(connection: Connection, kind: CommandKind, carryOut: (keyspace: Keyspace) => T): Promise<T> {
    const { commandTimeout = Number.POSITIVE_INFINITY } = this.#options;
    return this.#redis.perform(connection, {
      kind,
      expires: this.#clock.monotonic() + commandTimeout,
      carryOut,
    });
  }

  async #within<T>(work: Promise<T>): Promise<T> {
    const { connectTimeout } = this.#options;
    return new Promise<T>((resolve, reject) => {
      const late = (): void => reject(new Error(`no answer within ${connectTimeout} ms`));
      const timer = this.#clock.setTimeout(late, connectTimeout);
      work.finally(() => this.#clock.clearTimeout(timer)).then(resolve, reject);
    });
  }
}
