import { Cluster } from 'ioredis';
import { switchedOff } from '../../runtime/fault-switch.ts';
import { KeySpace } from '../../wire/keys.ts';
import { LEASE_FAILED, type LeaseAnswer, type LeaseRequest } from '../lease.ts';
import {
  BatchFailure,
  type Outcome,
  type Peer,
  type ProbeReport,
  type RemoteTier,
  type ScanPage,
  SUPERSEDED,
  type Write,
} from '../tier.ts';
import {
  replayArguments,
  replayOutcomes,
  type ScriptTerms,
  writeArguments,
  writeOutcomes,
} from './changes.ts';
import { Clearings } from './clearings.ts';
import { connectClient, createClient, destroyClient, peerOf, type RedisClient, serverOf } from './client.ts';
import { type ConfiguredAddress, configuredAddress } from './configured-address.ts';
import { Confirmations } from './confirmations.ts';
import { detoured } from './detour.ts';
import { isRedirection, masterOf } from './direct.ts';
import { failureKind, replyCode, safeError } from './failures.ts';
import { historiesOf, isWhole } from './histories.ts';
import { leaseAnswers, leaseArguments } from './leases.ts';
import type { RedisTierOptions } from './options.ts';
import { withoutRefused } from './refused.ts';
import { Script } from './script.ts';
import { send } from './send.ts';
import { ServerTimes } from './server-times.ts';
import { groupBySlot, runGroups } from './slots.ts';
import { within } from './within.ts';

const WRITE = new Script('./write.lua');
/** What is added late keeps the version of what it is added to, where that is newer. */
const REPLAY = new Script('./replay.lua', false);
const LEASE = new Script('./lease.lua');

/** Milliseconds in a day. */
const RECEIPT_TTL = 86_400_000;

/** Redis behind the tier port. It has a connection or it has not; when to make and break one is the breaker's to say. */
export class RedisTier implements RemoteTier {
  readonly name = 'redis';
  readonly address: ConfiguredAddress;
  readonly #options: RedisTierOptions;
  readonly #space: KeySpace;
  readonly #clearings: Clearings;
  #client: RedisClient | undefined;
  readonly #confirmations: Confirmations;
  #times: ServerTimes | undefined;

  /** A master may have been replaced since its history was read last: what is read is not to be relied on before. */
  #suspect = false;
  readonly #onHistories: ((histories: readonly string[]) => void) | undefined;

  /** `onHistories` is told the replication histories of the masters whenever they were read, where they may change. */
  constructor(options: RedisTierOptions, onHistories?: (histories: readonly string[]) => void) {
    this.#options = options;
    this.address = configuredAddress(options.topology);
    if (options.topology.kind !== 'standalone') this.#onHistories = onHistories;
    this.#space = new KeySpace(options.prefix);
    this.#clearings = new Clearings(this.#space, options.tombstoneTtl);
    this.#confirmations = new Confirmations(options);
  }

  get connected(): boolean {
    return this.#client?.status === 'ready';
  }

  /** The end of the connection, where there is a single one over TCP. */
  get peer(): Peer | undefined {
    return this.connected ? peerOf(this.#client) : undefined;
  }

  /** The server that it is connected to, where it is a single one. */
  get server(): string | undefined {
    return this.connected ? serverOf(this.#client) : undefined;
  }

  async connect(): Promise<ProbeReport> {
    this.disconnect();
    const client = createClient(this.#options);
    // Each failed command tells its own caller; without a listener the client would print them as well.
    client.on('error', () => {});
    this.#client = client;
    this.#suspect = this.#onHistories !== undefined;
    this.#watch(client);
    try {
      await connectClient(client, this.#options.connectTimeout);
      return await this.#verify(client);
    } catch (error) {
      if (this.#client === client) this.disconnect();
      throw safeError(error);
    }
  }

  async probe(): Promise<ProbeReport> {
    if (this.#client === undefined || !this.connected) return this.connect();
    try {
      return await this.#verify(this.#client);
    } catch (error) {
      throw safeError(error);
    }
  }

  disconnect(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#confirmations.close();
    if (client !== undefined) destroyClient(client);
  }

  async read(keys: readonly string[]): Promise<readonly (string | null | undefined)[]> {
    if (keys.length === 0) return [];
    const client = this.#ready();
    const names = keys.map((key) => this.#space.data(key));
    const found = await runGroups<string, string | null | undefined>(
      groupBySlot(client, names, (name) => name),
      (group) => readGroup(client, group),
      () => undefined,
    );
    // Whoever is told of a failover must have been before these are looked at.
    if (this.#suspect) await this.#inspect(client);
    return found;
  }

  async write(writes: readonly Write[], wait = 0): Promise<readonly Outcome[]> {
    const client = this.#ready();
    return this.#grouped(client, writes, async (group) => {
      const server = masterOf(client, this.#space.data(group[0]?.key ?? ''));
      if (server === undefined) return this.#detour(client, group, false);
      if (wait > 0) this.#confirmations.prepare(server);
      const { stream } = server;
      let outcomes: readonly Outcome[];
      try {
        outcomes = await this.#write(client, server, group);
      } catch (error) {
        if (!(client instanceof Cluster) || !isRedirection(error)) throw error;
        return this.#detour(client, group, replyCode(error) === 'MOVED');
      }
      if (wait === 0) return outcomes;
      const replicas = await this.#confirmations.replicas(server, stream ?? server.stream, wait);
      return outcomes.map((outcome) => (outcome.status === 'done' ? { ...outcome, replicas } : outcome));
    });
  }

  async #write(client: RedisClient, to: RedisClient, group: readonly Write[]): Promise<readonly Outcome[]> {
    const { keys, args } = writeArguments(group, this.#terms(client));
    args.push(this.#expiry(client, keys[0]), this.#space.announcements());
    return writeOutcomes(group, await WRITE.run(to, keys, args));
  }

  /** Only when the slot has arrived (`moved`) can a server look at a key and at its tombstone at once. */
  #detour(client: RedisClient, group: readonly Write[], moved: boolean): Promise<readonly Outcome[]> {
    return detoured(group, {
      together: (writes) => this.#write(client, client, writes),
      compared: async (write) => {
        const { keys, args } = replayArguments([write], this.#terms(client));
        const [data = ''] = keys;
        const names = moved || write.op === 'delete' ? keys : [data, data];
        // Late or not, it undoes nothing newer: it has all the time that it needs.
        args.push('', this.#space.announcements());
        return replayOutcomes([write], await REPLAY.run(client, names, args));
      },
    });
  }

  async replay(writes: readonly Write[]): Promise<readonly Outcome[]> {
    if (switchedOff.versions) return this.write(writes);
    const client = this.#ready();
    const isCleared = await this.#clearings.covering(client);
    const left = writes.filter((write) => !isCleared(write));
    const outcomes = await this.#grouped(client, left, (group) =>
      withoutRefused(group, async (part) => {
        const { keys, args } = replayArguments(part, this.#terms(client));
        args.push(this.#expiry(client, keys[0]), this.#space.announcements());
        return replayOutcomes(part, await REPLAY.run(client, keys, args));
      }),
    );
    if (left.length === writes.length) return outcomes;
    let next = 0;
    return writes.map((write) => (isCleared(write) ? SUPERSEDED : (outcomes[next++] ?? SUPERSEDED)));
  }

  async clear(prefix: string, version: string, spared?: readonly string[]): Promise<void> {
    await this.#clearings.record(this.#ready(), prefix, version, spared);
  }

  async recall(): Promise<string | null> {
    const text = await send(this.#ready(), 'get', [this.#space.hot()]);
    return typeof text === 'string' ? text : null;
  }

  async remember(text: string, ttl: number, anew: boolean): Promise<boolean> {
    const args = [this.#space.hot(), text, 'PX', ttl];
    if (anew) args.push('NX');
    return (await send(this.#ready(), 'set', args)) !== null;
  }

  async lease(requests: readonly LeaseRequest[]): Promise<readonly LeaseAnswer[]> {
    const client = this.#ready();
    const answers = await runGroups<LeaseRequest, LeaseAnswer>(
      groupBySlot(client, requests, ({ key }) => this.#space.data(key)),
      async (group) => {
        const { keys, args } = leaseArguments(group, this.#space, this.#options.tombstoneTtl);
        args.push(this.#expiry(client, keys[0]), this.#space.announcements());
        return leaseAnswers(group, await LEASE.run(client, keys, args));
      },
      () => LEASE_FAILED,
    );
    if (this.#suspect) await this.#inspect(client);
    return answers;
  }

  scan(prefix: string, cursor: string | undefined, count: number): Promise<ScanPage> {
    return this.#scan(this.#space.pattern(prefix), cursor, count, (name) => {
      const key = this.#space.user(name);
      return key?.startsWith(prefix) ? key : undefined;
    });
  }

  scanLeases(prefix: string, cursor: string | undefined, count: number): Promise<ScanPage> {
    return this.#scan(this.#space.leasePattern(prefix), cursor, count, (name) => {
      const key = this.#space.leased(name);
      return key?.startsWith(prefix) ? key : undefined;
    });
  }

  /** On a Cluster the cursor says which master it belongs to: `<master>:<cursor>`. */
  async #scan(
    pattern: string,
    cursor: string | undefined,
    count: number,
    keyOf: (name: string) => string | undefined,
  ): Promise<ScanPage> {
    const client = this.#ready();
    const nodes = client instanceof Cluster ? client.nodes('master') : [client];
    const [at = '0', position = '0'] = (cursor ?? '0:0').split(':');
    const node = nodes[Number(at)];
    if (node === undefined) return { keys: [], cursor: undefined };
    const page = await send(node, 'scan', [position, 'MATCH', pattern, 'COUNT', count]);
    const [next, names] = Array.isArray(page) ? page : [];
    const keys: string[] = [];
    for (const name of texts(names)) {
      const key = name === null ? undefined : keyOf(name);
      if (key !== undefined) keys.push(key);
    }
    if (next !== '0') return { keys, cursor: `${at}:${next}` };
    return { keys, cursor: Number(at) + 1 < nodes.length ? `${Number(at) + 1}:0` : undefined };
  }

  #ready(): RedisClient {
    if (this.#client === undefined || this.#client.status !== 'ready')
      throw new Error('not connected to Redis');
    return this.#client;
  }

  /** A single server that refused a change has failed; a Cluster has failed when no part of it did its share. */
  async #grouped(
    client: RedisClient,
    writes: readonly Write[],
    run: (group: readonly Write[]) => Promise<readonly Outcome[]>,
  ): Promise<readonly Outcome[]> {
    const groups = groupBySlot(client, writes, (write) => this.#space.data(write.key));
    const outcomes = await runGroups<Write, Outcome>(groups, run, (error) => ({
      status: 'failed',
      error: safeError(error),
    }));
    const failure = outcomes.find((outcome) => outcome.status === 'failed');
    if (failure === undefined) return outcomes;
    const single = !(client instanceof Cluster);
    const failed = single || outcomes.every((outcome) => outcome.status === 'failed');
    if (failed) throw new BatchFailure(outcomes, failure.error);
    return outcomes;
  }

  async #verify(client: RedisClient): Promise<ProbeReport> {
    // All at once: a trial has the time of one command, however far away the server is.
    const [times] = await within(
      this.#options.connectTimeout,
      'no answer',
      Promise.all([ServerTimes.read(client), this.#writable(client), this.#inspect(client)]),
    );
    this.#times = times;
    return times.report;
  }

  /** Notices by itself when a connection breaks that the client will make anew. */
  #watch(client: RedisClient): void {
    if (this.#onHistories === undefined) return;
    const look = (): void => {
      if (this.#suspect && this.#client === client && client.status === 'ready')
        void this.#inspect(client).catch(() => {});
    };
    const doubt = (): void => {
      if (this.#client === client) this.#suspect = true;
    };
    client.on(client instanceof Cluster ? '-node' : 'close', doubt);
    client.on(client instanceof Cluster ? 'refresh' : 'ready', look);
  }

  async #inspect(client: RedisClient): Promise<void> {
    if (this.#onHistories === undefined) return;
    const histories = await historiesOf(client);
    if (this.#client !== client) return;
    this.#onHistories(histories);
    this.#suspect = !isWhole(client);
  }

  /**
   * Last argument of the scripts: when, by the clock of the server that holds the key, what is sent now must not be
   * carried out any more.
   */
  #expiry(client: RedisClient, name: string | undefined): number | '' {
    const { commandTimeout } = this.#options;
    if (commandTimeout === undefined || this.#times === undefined) return '';
    return Math.ceil(this.#times.now(client, name) + commandTimeout);
  }

  #terms(client: RedisClient): ScriptTerms {
    const { tombstoneTtl, receiptTtl = RECEIPT_TTL } = this.#options;
    return { space: this.#space, tombstoneTtl, receiptTtl, clustered: client instanceof Cluster };
  }

  async #writable(client: RedisClient): Promise<void> {
    try {
      await Promise.all([
        send(client, 'set', [this.#space.probe(), '1', 'PX', 1_000]),
        WRITE.load(client),
        REPLAY.load(client),
        LEASE.load(client),
      ]);
    } catch (error) {
      // A user without the right to write here is no reason not to read.
      if (failureKind(error) !== 'refused') throw error;
    }
  }
}

async function readGroup(client: RedisClient, names: readonly string[]): Promise<readonly (string | null)[]> {
  const server = masterOf(client, names[0] ?? '') ?? client;
  try {
    return texts(await send(server, 'mget', names));
  } catch (error) {
    if (!(client instanceof Cluster) || !isRedirection(error)) throw error;
    // Keys of a slot that moves may be in two places.
    const each = await Promise.all(names.map(async (name) => texts(await send(client, 'mget', [name]))));
    return each.map(([text]) => text ?? null);
  }
}

function texts(reply: unknown): readonly (string | null)[] {
  if (isTexts(reply)) return reply;
  throw new Error('expected an array of texts from Redis');
}

const isTexts = (reply: unknown): reply is readonly (string | null)[] => Array.isArray(reply);
