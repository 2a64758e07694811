import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../../src/cli/free-port.ts';
import { ProxiedStream } from './proxied-stream.ts';
import { bitFlipper, faultyReplies, NO_FAULTS, type ProxyFaults, UNTOUCHED } from './proxy-faults.ts';
import { seededRandom } from './seeded-random.ts';

interface Connection {
  client: Socket;
  server: Socket;
  streams: ProxiedStream[];
  /** Whether it has asked to be told of something. */
  subscribes: boolean;
}

const SUBSCRIBE = /^p?subscribe\r?$/im;

interface ProxyOptions {
  /** Seed of the jitter. Default 1. */
  seed?: number;
}

/** A TCP proxy between a client and its Redis whose faults are switched while it runs. Faults of different kinds add up. */
export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  readonly #targetPort: number;
  readonly #random: () => number;
  readonly #faults: ProxyFaults = { ...NO_FAULTS };
  readonly #open = new Set<Connection>();
  #deaf = false;
  #listener: Server | undefined;

  constructor(port: number, targetPort: number, { seed = 1 }: ProxyOptions) {
    this.port = port;
    this.#targetPort = targetPort;
    this.#random = seededRandom(seed);
  }

  /** How many clients are connected now. */
  get connections(): number {
    return this.#open.size;
  }

  /** Every chunk of replies arrives `ms`, and up to `jitterMs` more, after the server sent it; order is kept. */
  latency(ms: number, jitterMs = 0): void {
    this.#faults.delay = () => ms + jitterMs * this.#random();
  }

  /**
   * Connections stay open and new ones are accepted, and not a byte goes through. Those that are still open at `heal`
   * then deliver what they were given meanwhile, as TCP does.
   */
  blackHole(): void {
    this.#faults.held = true;
    this.#update();
  }

  /** Resets every connection and refuses new ones. */
  async refuse(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    const closed = listener && new Promise((resolve) => listener.close(resolve));
    for (const { client } of this.#open) client.resetAndDestroy();
    await closed;
  }

  /** Resets every connection that has subscribed to something, and each that does so until `heal` or `hear`. */
  deafen(): void {
    this.#deaf = true;
    for (const { client, subscribes } of this.#open) if (subscribes) client.resetAndDestroy();
  }

  hear(): void {
    this.#deaf = false;
  }

  /** Once: closes the connection that gets the next reply, after so many bytes of it. */
  closeMidReply(afterBytes: number): void {
    this.#faults.cut = { afterBytes, close: true };
  }

  /** Once: the connection that gets the next reply stays open, but after so many bytes nothing more ever comes. */
  truncate(afterBytes: number): void {
    this.#faults.cut = { afterBytes, close: false };
  }

  /** Flips a bit in each byte of the replies with probability `rate`, by a sequence that `seed` repeats. */
  flipBits(rate: number, seed = 1): void {
    this.#faults.corrupt = bitFlipper(rate, seededRandom(seed));
  }

  /** Ends all faults; connections that a fault ended or silenced stay so. */
  async heal(): Promise<void> {
    Object.assign(this.#faults, NO_FAULTS);
    this.hear();
    this.#update();
    await this.listen();
  }

  async listen(): Promise<void> {
    if (this.#listener) return;
    const listener = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
    this.#listener = listener;
    listener.listen(this.port, '127.0.0.1');
    await once(listener, 'listening');
  }

  async stop(): Promise<void> {
    await this.refuse();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #accept(client: Socket): void {
    const server = connect({ port: this.#targetPort, host: '127.0.0.1', allowHalfOpen: true });
    client.setNoDelay(true);
    server.setNoDelay(true);
    const connection: Connection = {
      client,
      server,
      streams: [
        new ProxiedStream(client, server, this.#faults, UNTOUCHED),
        new ProxiedStream(server, client, this.#faults, faultyReplies(this.#faults)),
      ],
      subscribes: false,
    };
    client.on('data', (bytes: Buffer) => {
      if (connection.subscribes || !SUBSCRIBE.test(bytes.toString('latin1'))) return;
      connection.subscribes = true;
      if (this.#deaf) client.resetAndDestroy();
    });
    this.#open.add(connection);
    // An error is always followed by 'close', and one side gone takes the other with it.
    client.on('error', () => undefined).on('close', () => this.#drop(connection));
    server.on('error', () => undefined).on('close', () => this.#drop(connection));
  }

  #drop(connection: Connection): void {
    this.#open.delete(connection);
    connection.client.destroy();
    connection.server.destroy();
  }

  #update(): void {
    for (const { streams } of this.#open) for (const stream of streams) stream.update();
  }
}

/** A proxy on a free port of 127.0.0.1 to `targetPort` of the same. */
export async function startProxy(targetPort: number, options: ProxyOptions = {}): Promise<TcpProxy> {
  const proxy = new TcpProxy(await freePort(), targetPort, options);
  await proxy.listen();
  return proxy;
}
