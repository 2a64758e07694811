import { type BackoffOptions, backoff } from '../../runtime/backoff.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import { KeySpace } from '../../wire/keys.ts';
import type { InvalidationChannel, InvalidationListener } from '../invalidation.ts';
import { safeError } from './failures.ts';
import { addressText, findMasters, mastersIn } from './masters.ts';
import type { Address, RedisTierOptions } from './options.ts';
import { ServerFeed } from './server-feed.ts';

/** Between attempts to connect while the breaker is closed. */
const RECONNECT: BackoffOptions = { min: 20, max: 1_000 };

export interface RedisInvalidationOptions {
  readonly redis: RedisTierOptions;
  /** Of the user's keys to hear of; all of them without. */
  readonly prefixes: readonly string[] | undefined;
  /** Milliseconds that what is heard of may be old. */
  readonly staleness: number;
  /** Milliseconds after which, where changes are announced, those that nobody announces must show. */
  readonly foreignTtl: number;
  readonly clock: Clock;
  /** The server of a Sentinel group that is read from now. */
  readonly server?: () => string | undefined;
}

/** The changes that all masters make: one feed each. What befalls one of them befalls the whole. */
export class RedisInvalidation implements InvalidationChannel {
  readonly #options: RedisInvalidationOptions;
  readonly #space: KeySpace;
  readonly #prefixes: readonly string[];
  #listener: InvalidationListener | undefined;
  /** When the last heartbeat that came back was sent, by feed; empty while nothing is heard. */
  readonly #feeds = new Map<ServerFeed, number>();
  /** What was begun under another number has been given up. */
  #attempt = 0;
  #failures = 0;
  #masters = '';
  /** Since when changes that nobody announces may have gone unnoticed. */
  #since = 0;
  #timer: Timer;

  constructor(options: RedisInvalidationOptions) {
    this.#options = options;
    this.#space = new KeySpace(options.redis.prefix);
    this.#prefixes = trackedPrefixes(this.#space, options.prefixes);
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
    const attempt = this.#attempt;
    const { redis, clock } = this.#options;
    const connected: ServerFeed[] = [];
    try {
      const { topology } = redis;
      const masters = topology.kind === 'cluster' ? await findMasters(redis, topology.nodes) : [undefined];
      const connecting = masters.map(async (address) => connected.push(await this.#feed(address, attempt)));
      const failed = (await Promise.allSettled(connecting)).find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
      if (attempt !== this.#attempt) throw new Error('given up meanwhile');
      const now = clock.monotonic();
      for (const feed of connected) this.#feeds.set(feed, now);
      this.#masters = masters.map((address) => address && addressText(address)).join();
      this.#since = now;
      this.#listener?.armed(connected.some(({ mode }) => mode === 'pubsub') ? 'pubsub' : 'tracking');
      this.#beat();
    } catch (error) {
      for (const feed of connected) feed.close();
      if (attempt === this.#attempt) this.#lost(safeError(error).message);
    }
  }

  #feed(address: Address | undefined, attempt: number): Promise<ServerFeed> {
    const { redis } = this.#options;
    const heedful = (): InvalidationListener | undefined =>
      attempt === this.#attempt ? this.#listener : undefined;
    return ServerFeed.connect({
      options: redis,
      space: this.#space,
      prefixes: this.#prefixes,
      address,
      listener: {
        changed: (key, version) => heedful()?.changed(key, version),
        missed: (reason) => heedful()?.missed(reason),
        lost: (reason) => {
          if (attempt === this.#attempt) this.#lost(reason);
        },
        heard: (feed, sent) => {
          if (!this.#feeds.has(feed)) return;
          this.#feeds.set(feed, sent);
          this.#failures = 0;
          heedful()?.heard(Math.min(...this.#feeds.values()));
        },
      },
    });
  }

  /** Sends a heartbeat through each feed, again and again; one that does not come back is a feed that is lost. */
  #beat(): void {
    const { clock, staleness, foreignTtl } = this.#options;
    const now = clock.monotonic();
    const interval = Math.max(5, staleness / 4);
    // Counted rather than timed: when the event loop was blocked, what has come back has not been read yet.
    const patience = Math.max(12, 1_000 / interval);
    const server = this.#options.redis.topology.kind === 'sentinel' ? this.#options.server?.() : undefined;
    for (const feed of this.#feeds.keys()) {
      // Of two masters, each hears of its own changes only.
      if (server !== undefined && server !== feed.server) {
        this.#lost('another server is read from');
        return;
      }
      if (feed.unanswered > patience) {
        this.#lost('heartbeats do not come back');
        return;
      }
      feed.beat(now);
    }
    const [first] = this.#feeds.keys();
    if (first !== undefined && this.#masters !== '') void this.#lookAround(first);
    if (first?.mode === 'pubsub' && now - this.#since > foreignTtl) {
      this.#since = now;
      this.#listener?.missed('what others write is not announced');
    }
    this.#timer = clock.setTimeout(() => this.#beat(), interval);
  }

  /** A master that nobody listens to makes changes that nobody hears of. */
  async #lookAround(feed: ServerFeed): Promise<void> {
    const attempt = this.#attempt;
    const slots = await feed.slots().catch(() => undefined);
    if (slots === undefined || attempt !== this.#attempt) return;
    const host = this.#masters.replace(/:.*$/, '');
    if (mastersIn(slots, host).map(addressText).join() !== this.#masters) this.#lost('the masters changed');
  }

  #lost(reason: string): void {
    const { clock } = this.#options;
    this.#drop();
    this.#listener?.lost(reason);
    if (this.#listener !== undefined)
      this.#timer = clock.setTimeout(() => void this.#connect(), backoff(this.#failures++, RECONNECT));
  }

  #drop(): void {
    this.#attempt++;
    this.#options.clock.clearTimeout(this.#timer);
    for (const feed of this.#feeds.keys()) feed.close();
    this.#feeds.clear();
  }
}

/** The server refuses prefixes that overlap; an empty one stands for no prefix at all. */
function trackedPrefixes(space: KeySpace, prefixes: readonly string[] = ['']): string[] {
  // What is trusted may depend on any marker.
  const names = [...new Set([...prefixes.map((prefix) => space.data(prefix)), ...space.markers()])];
  const widest = names.filter((name) => !names.some((other) => other !== name && name.startsWith(other)));
  return widest.filter((name) => name !== '');
}
