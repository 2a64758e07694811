import { createServer, type Server, type Socket } from 'node:net';

/** Answers whatever it receives with what it is told to: for bytes that no real server can be made to send. */
export class RawServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(answer: (received: string) => string) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (data) => socket.write(answer(data.toString())));
    });
  }

  static start(answer: (received: string) => string): Promise<RawServer> {
    const server = new RawServer(answer);
    return new Promise((resolve) => server.#server.listen(0, '127.0.0.1', () => resolve(server)));
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen');
    return address.port;
  }

  /** Ends all connections at once. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  stop(): Promise<void> {
    this.hangUp();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
