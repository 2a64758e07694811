import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { SqlConnect, SqlSession } from './sql.ts';

/** Seconds of silence after which the server asks whether this instance still lives; milliseconds of a statement. */
const settings = (timeout: number): string => `
  set tcp_keepalives_idle = 10;
  set tcp_keepalives_interval = 5;
  set tcp_keepalives_count = 3;
  set statement_timeout = ${timeout};
`;

/** Milliseconds that a server may take to say goodbye, or that it has given up. */
const FAREWELL = 500;

/** Sessions with the Postgres of a URL. `timeout`: milliseconds to connect, and for each statement. */
export function postgresSessions(url: string, timeout: number): SqlConnect {
  return async () => {
    const socket = new Socket();
    const client = new Client({
      stream: () => socket,
      connectionString: url,
      connectionTimeoutMillis: timeout,
      query_timeout: timeout + FAREWELL,
      keepAlive: true,
      application_name: 'understudy',
    });
    // What breaks between two statements shows in the next.
    client.on('error', () => {});
    try {
      await client.connect();
      // The lock of a machine that vanished must not outlive it for hours, and no commit that was given up may come true.
      await client.query(settings(timeout));
    } catch (error) {
      socket.destroy();
      throw error;
    }
    return new PostgresSession(client, socket);
  };
}

class PostgresSession implements SqlSession {
  readonly #client: Client;
  readonly #socket: Socket;
  #running = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
    socket.unref();
  }

  async run(script: string): Promise<void> {
    await this.#inTurn(() => this.#client.query(script));
  }

  async query(...[text, parameters]: Parameters<SqlSession['query']>): ReturnType<SqlSession['query']> {
    const { rows } = await this.#inTurn(() => this.#client.query(text, [...parameters]));
    return rows;
  }

  async end(): Promise<void> {
    // Whoever waits for the goodbye keeps the process alive until then.
    if (!this.#socket.destroyed) this.#socket.ref();
    const ended = this.#client.end().catch(() => {});
    await Promise.race([ended, delay(FAREWELL, undefined, { ref: false })]);
    this.#socket.destroy();
  }

  /** One statement at a time: what is asked first is answered first. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    const mine = this.#held(async () => {
      await before;
      return work();
    });
    this.#last = mine.catch(() => {});
    return mine;
  }

  /** An idle session does not keep the process alive; a statement that somebody waits for does. */
  async #held<T>(work: () => Promise<T>): Promise<T> {
    // Of a socket that is gone each of these would wait for it to connect.
    if (this.#socket.destroyed) return work();
    if (this.#running++ === 0) this.#socket.ref();
    try {
      return await work();
    } finally {
      if (--this.#running === 0 && !this.#socket.destroyed) this.#socket.unref();
    }
  }
}
