import type { Redis } from 'ioredis';
import { connectClient, createClient, destroyClient, type RedisClient } from './client.ts';
import type { RedisTierOptions, Topology } from './options.ts';
import { send } from './send.ts';
import { within } from './within.ts';

/** Milliseconds the replicas are given where no command timeout is known. */
const PATIENCE = 50;
/**
 * Of a command timeout. A question takes two such shares at most, so there is room for the change itself, a question that
 * is out already, and the one that covers it.
 */
const SHARE = 1 / 5;

interface Question {
  readonly wanted: number;
  answer(replicas: number): void;
}

/**
 * Asks one server how many of its replicas have all that it was told so far: WAIT, over a connection of its own, because
 * the connection that waits does nothing else meanwhile. As with a group commit one question is out at a time, and those
 * that come meanwhile share the next.
 */
export class Witness {
  /** The connection whose changes are asked about. */
  readonly stream: Redis['stream'];
  readonly #server: Redis;
  readonly #options: RedisTierOptions;
  readonly #patience: number;
  #client: RedisClient | undefined;
  #connecting: Promise<RedisClient> | undefined;
  #questions: Question[] = [];
  #asking = false;
  #closed = false;

  constructor(server: Redis, options: RedisTierOptions) {
    this.#server = server;
    this.stream = server.stream;
    this.#options = { ...options, topology: { kind: 'standalone', address: addressOf(server) } };
    this.#patience =
      options.commandTimeout === undefined ? PATIENCE : Math.ceil(options.commandTimeout * SHARE);
    this.#connected().catch(() => {});
  }

  /** Replicas that have what was answered on the other connection before this call; 0 where that cannot be known. */
  replicas(wanted: number): Promise<number> {
    return new Promise((answer) => {
      this.#questions.push({ wanted, answer });
      if (!this.#asking) void this.#run();
    });
  }

  close(): void {
    this.#closed = true;
    if (this.#client !== undefined) destroyClient(this.#client);
  }

  async #run(): Promise<void> {
    this.#asking = true;
    while (this.#questions.length > 0) {
      const questions = this.#questions;
      this.#questions = [];
      const replicas = await this.#ask(Math.max(...questions.map(({ wanted }) => wanted)));
      for (const question of questions) question.answer(replicas);
    }
    this.#asking = false;
  }

  async #ask(wanted: number): Promise<number> {
    const end = performance.now() + this.#patience * 2;
    try {
      const client = await within(this.#patience * 2, 'no connection', this.#connected());
      // What the connection took is off the replicas' time, but they always have some: for WAIT 0 is for ever.
      const patience = Math.max(1, Math.floor((end - performance.now()) / 2));
      // WAIT goes by the last command of its own connection: the PING brings that up to date.
      const answer = Promise.all([send(client, 'ping', []), send(client, 'wait', [wanted, patience])]);
      const [, replicas] = await this.#within(patience, answer).catch((error: unknown) => {
        destroyClient(client);
        throw error;
      });
      return Number(replicas);
    } catch {
      return 0;
    }
  }

  /** An idle server looks at what has timed out ten times a second only, unless something wakes it. */
  async #within<T>(patience: number, answer: Promise<T>): Promise<T> {
    const wake = setTimeout(() => void send(this.#server, 'ping', []).catch(() => {}), patience + 1);
    try {
      return await within(patience * 2, 'no answer', answer);
    } finally {
      clearTimeout(wake);
    }
  }

  #connected(): Promise<RedisClient> {
    if (this.#client?.status === 'ready') return Promise.resolve(this.#client);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<RedisClient> {
    if (this.#closed) throw new Error('closed');
    if (this.#client !== undefined) destroyClient(this.#client);
    const client = createClient(this.#options);
    client.on('error', () => {});
    this.#client = client;
    await connectClient(client, this.#options.connectTimeout);
    return client;
  }
}

/** A Sentinel group is asked for its master once: what is asked about is the very server that made the changes. */
function addressOf({ options, stream }: Redis): Extract<Topology, { kind: 'standalone' }>['address'] {
  if (options.path) return { path: options.path };
  const { host = '127.0.0.1', port = 6379, sentinels } = options;
  if (!sentinels) return { host, port };
  if (!('remoteAddress' in stream)) return { host, port };
  return { host: stream.remoteAddress ?? host, port: stream.remotePort ?? port };
}
