import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** One proxied connection, whose requests may be on their way for as long as it takes. */
class Route {
  readonly #server: Socket;
  readonly #late: Buffer[] = [];
  held = false;

  constructor(client: Socket, serverPort: number) {
    this.#server = connect(serverPort, '127.0.0.1');
    client.on('data', (request) => this.#take(request));
    client.on('error', () => undefined);
    client.on('close', () => {
      if (!this.held) this.#server.destroy();
    });
    this.#server.on('data', (reply) => {
      if (!this.held) client.write(reply);
    });
    this.#server.on('error', () => undefined);
    this.#server.on('close', () => client.destroy());
  }

  /** Delivers what was held; resolves when the server has answered it, or has closed the connection. */
  async deliver(): Promise<void> {
    if (this.#late.length === 0 || this.#server.destroyed) return;
    const answered = Promise.race([once(this.#server, 'data'), once(this.#server, 'close')]);
    this.#server.write(Buffer.concat(this.#late));
    await answered;
  }

  destroy(): void {
    this.#server.destroy();
  }

  #take(request: Buffer): void {
    if (this.held) this.#late.push(request);
    else this.#server.write(request);
  }
}

/**
 * A network in which what was sent may arrive long after its sender gave up and went on over another connection, as TCP
 * does when packets are lost.
 */
export class DelayedDelivery implements AsyncDisposable {
  readonly #listener: Server;
  readonly #routes: Route[] = [];
  readonly port: number;

  private constructor(listener: Server, port: number) {
    this.#listener = listener;
    this.port = port;
  }

  static async start(serverPort: number): Promise<DelayedDelivery> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new TypeError('Expected a TCP address');
    const network = new DelayedDelivery(listener, address.port);
    listener.on('connection', (client) => network.#routes.push(new Route(client, serverPort)));
    return network;
  }

  /** From now on nothing that is sent over the present connections arrives. New ones are not affected. */
  hold(): void {
    for (const route of this.#routes) route.held = true;
  }

  /** Now it arrives; resolves when the server has dealt with it. */
  async deliver(): Promise<void> {
    await Promise.all(this.#routes.map((route) => (route.held ? route.deliver() : undefined)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const route of this.#routes) route.destroy();
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    await closed;
  }
}
