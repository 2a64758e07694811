import type { Redis } from 'ioredis';
import { type Reply, ReplyDecoder, ReplyError } from './reply-decoder.ts';

export type Argument = string | number;

interface Waiter {
  resolve(reply: Reply): void;
  reject(error: unknown): void;
}

/** The lane of the present connection of each client that has lanes. */
const lanes = new WeakMap<Redis, Lane | undefined>();

/**
 * From now on each connection of the client is a lane as soon as it is ready. The client goes on to find the server, to
 * speak TLS, to log in and to reconnect, but none of its own commands may be called any more.
 */
export function layLanes(client: Redis): void {
  lanes.set(client, undefined);
}

export function hasLanes(client: Redis): boolean {
  return lanes.has(client);
}

/** Throws while the client is not connected. */
export function laneOf(client: Redis): Lane {
  if (client.status !== 'ready') throw new Error('not connected to Redis');
  const known = lanes.get(client);
  if (known?.stream === client.stream) return known;
  const lane = new Lane(client.stream);
  lanes.set(client, lane);
  return lane;
}

/** What stands before an argument of so many bytes, and ends what is before it. */
function between(bytes: number): string {
  return BETWEEN[bytes] ?? `\r\n$${bytes}\r\n`;
}

const BETWEEN = Array.from({ length: 1_024 }, (_, bytes) => `\r\n$${bytes}\r\n`);

/**
 * The short way to a server over a connection that somebody else made. A command of the client's costs an object with a
 * dozen fields, a closure in the old generation, a buffer for each string of the reply and a decoder that looks its state
 * up in weak maps; here it is one string out, and one pass over the bytes that come back.
 */
export class Lane {
  readonly stream: Redis['stream'];
  /** Who waits for replies, in their order. Those who were answered are taken out: an old array would keep them alive. */
  #waiting: (Waiter | undefined)[] = [];
  #answered = 0;
  /** What was said in this turn. The batches of a turn share a write: each one is a system call that wakes the server. */
  #text = '';
  #plain = true;

  constructor(stream: Redis['stream']) {
    this.stream = stream;
    const decoder = new ReplyDecoder((reply) => this.#answer(reply));
    stream.removeAllListeners('data');
    stream.on('data', (chunk: Buffer) => {
      try {
        decoder.write(chunk);
      } catch (error) {
        this.#end(error);
        stream.destroy();
      }
    });
    stream.on('close', () => this.#end(new Error('Connection is closed.')));
  }

  /** Resolves with the reply; rejects with the error that the server answered, or when the connection ends first. */
  send(name: string, args: readonly Argument[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (!this.stream.writable) {
        reject(new Error('Connection is closed.'));
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#write(name, args);
    });
  }

  #write(name: string, args: readonly Argument[]): void {
    if (this.#text === '') queueMicrotask(this.#flush);
    let text = `*${args.length + 1}\r\n$${name.length}\r\n${name}`;
    for (let index = 0; index < args.length; index++) {
      const item = args[index] as Argument;
      const argument = typeof item === 'string' ? item : String(item);
      const bytes = Buffer.byteLength(argument);
      if (bytes !== argument.length) this.#plain = false;
      text += between(bytes) + argument;
    }
    this.#text += `${text}\r\n`;
  }

  readonly #flush = (): void => {
    // What has as many bytes as characters is ASCII, and need not be converted.
    this.stream.write(this.#text, this.#plain ? 'latin1' : 'utf8');
    this.#text = '';
    this.#plain = true;
  };

  #answer(reply: Reply): void {
    const waiter = this.#waiting[this.#answered];
    if (waiter === undefined) throw new Error('Redis answered what was not asked');
    this.#waiting[this.#answered++] = undefined;
    if (this.#answered === this.#waiting.length) {
      this.#waiting = [];
      this.#answered = 0;
    } else if (this.#answered >= 1_024) {
      this.#waiting = this.#waiting.slice(this.#answered);
      this.#answered = 0;
    }
    if (reply instanceof ReplyError) waiter.reject(reply);
    else waiter.resolve(reply);
  }

  #end(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#answered = 0;
    for (const waiter of waiting) waiter?.reject(error);
  }
}
