import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { KeySpace } from '../../wire/keys.ts';
import type { InvalidationMode } from '../invalidation.ts';
import { connectClient, createSideConnection, destroyClient, peerOf } from './client.ts';
import { isUnwilling, safeError } from './failures.ts';
import type { Address, RedisTierOptions } from './options.ts';
import { within } from './within.ts';

/** Where a server tells a connection with tracking of changes. */
const TRACKED = '__redis__:invalidate';

/** What one server says, in its order. */
interface FeedListener {
  changed(key: string, mark: string): void;
  /** Everything was changed, or something was not told. */
  missed(reason: string): void;
  /** The heartbeat that was sent at this monotonic time has come back. */
  heard(feed: ServerFeed, sent: number): void;
  lost(reason: string): void;
}

export interface FeedParts {
  readonly options: RedisTierOptions;
  readonly space: KeySpace;
  /** Begin the Redis keys to hear of. */
  readonly prefixes: readonly string[];
  readonly listener: FeedListener;
  /** Of a node of a Cluster. */
  readonly address: Address | undefined;
}

/**
 * The changes that one server makes, over two connections: one has tracking on and redirects what it hears to the other,
 * which has subscribed. Where tracking is refused, those who make changes announce them.
 */
export class ServerFeed {
  mode: InvalidationMode = 'tracking';
  readonly #parts: FeedParts;
  /** Sends: tracking, and heartbeats, whose order among the changes is that of the server. */
  readonly #speaker: Redis;
  readonly #subscriber: Redis;
  readonly #heartbeats: string;
  /** When the heartbeats that are under way were sent, the oldest first. */
  readonly #sent: number[] = [];
  #beats = 0;
  #heard = 0;
  #closed = false;

  private constructor(parts: FeedParts) {
    this.#parts = parts;
    this.#speaker = createSideConnection(parts.options, parts.address);
    this.#subscriber = createSideConnection(parts.options, parts.address);
    this.#heartbeats = parts.space.heartbeat(randomBytes(8).toString('hex'));
  }

  /** Connects and arms: every change made after it resolves is told. */
  static async connect(parts: FeedParts): Promise<ServerFeed> {
    const feed = new ServerFeed(parts);
    const timeout = parts.options.connectTimeout;
    try {
      for (const connection of [feed.#speaker, feed.#subscriber]) {
        // Each failed command tells its own caller; without a listener the client would print them as well.
        connection.on('error', () => {});
        connection.on('close', () => feed.#lost('a connection for invalidations was closed'));
      }
      await Promise.all([connectClient(feed.#speaker, timeout), connectClient(feed.#subscriber, timeout)]);
      await within(timeout, 'no answer', feed.#arm());
      return feed;
    } catch (error) {
      feed.close();
      throw safeError(error);
    }
  }

  /** The server that it listens to. */
  get server(): string | undefined {
    return peerOf(this.#speaker);
  }

  /** Heartbeats that have not come back. */
  get unanswered(): number {
    return this.#sent.length;
  }

  /** Sends a heartbeat, which comes back behind every change that was made before. */
  beat(now: number): void {
    const number = ++this.#beats;
    this.#sent.push(now);
    this.#speaker
      .publish(this.#heartbeats, String(number))
      .catch((error: unknown) => this.#lost(`a heartbeat failed: ${safeError(error).message}`));
  }

  /** Asks a node of a Cluster where the masters are. */
  async slots(): Promise<unknown> {
    return this.#speaker.cluster('SLOTS');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    destroyClient(this.#speaker);
    destroyClient(this.#subscriber);
  }

  async #arm(): Promise<void> {
    const { prefixes, space } = this.#parts;
    this.#subscriber.on('messageBuffer', this.#told);
    try {
      const id = await this.#subscriber.client('ID');
      await this.#subscriber.subscribe(TRACKED, this.#heartbeats);
      const only = prefixes.flatMap((prefix) => ['PREFIX', prefix]);
      await this.#speaker.call('CLIENT', ['TRACKING', 'ON', 'REDIRECT', String(id), 'BCAST', ...only]);
    } catch (error) {
      if (!isUnwilling(error)) throw error;
      await this.#subscriber.subscribe(space.announcements(), this.#heartbeats);
      this.mode = 'pubsub';
    }
  }

  readonly #told = (channel: Buffer, message: unknown): void => {
    if (this.#closed) return;
    const name = channel.toString();
    if (name === this.#heartbeats) this.#beatHeard(Number(message));
    else if (name === TRACKED) this.#tracked(message);
    else this.#announced(String(message));
  };

  #tracked(names: unknown): void {
    // Nothing in place of names: the server has dropped everything.
    if (!Array.isArray(names)) this.#parts.listener.missed('everything was deleted');
    else for (const name of names) this.#changed(String(name), '');
  }

  #announced(message: string): void {
    const pairs = pairsIn(message);
    if (pairs === undefined) this.#parts.listener.missed('an announcement could not be read');
    else for (let at = 0; at + 1 < pairs.length; at += 2) this.#changed(pairs[at] ?? '', pairs[at + 1] ?? '');
  }

  #changed(name: string, mark: string): void {
    const { space } = this.#parts;
    const key = space.user(name) ?? space.marker(name);
    if (key !== undefined) this.#parts.listener.changed(key, mark);
  }

  #beatHeard(number: number): void {
    const { listener } = this.#parts;
    if (number !== ++this.#heard) {
      this.#lost('a heartbeat was lost');
      return;
    }
    const sent = this.#sent.shift();
    if (sent !== undefined) listener.heard(this, sent);
  }

  #lost(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#parts.listener.lost(reason);
  }
}

function pairsIn(message: string): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(message);
    if (Array.isArray(parsed) && parsed.every((item): item is string => typeof item === 'string'))
      return parsed;
  } catch {
    // Told as what it is: something that nobody of us wrote.
  }
  return undefined;
}
