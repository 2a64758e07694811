import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** One export as it came in. */
export interface Received {
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/** A collector that takes OTLP over HTTP and keeps what it gets. */
export class OtlpReceiver implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #server = createServer((request, response) => {
    void this.#take(request).then(() => {
      response
        .setHeader('content-type', request.headers['content-type'] ?? '')
        .end(request.headers['content-type'] === 'application/json' ? '{}' : '');
    });
  });

  static async listen(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Everything that came in at a path, one after the other. */
  bytes(path: string): Buffer {
    return Buffer.concat(this.received.filter((one) => one.path === path).map((one) => one.body));
  }

  /** The decoded JSON of everything that came in at a path. */
  json(path: string): unknown[] {
    return this.received
      .filter((one) => one.path === path)
      .map((one) => JSON.parse(one.body.toString('utf8')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage): Promise<void> {
    const raw = await buffer(request);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    this.received.push({ path: request.url ?? '', contentType: request.headers['content-type'] ?? '', body });
  }
}
