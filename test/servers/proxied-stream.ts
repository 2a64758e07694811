import type { Socket } from 'node:net';
import type { ProxyFaults, Treatment } from './proxy-faults.ts';

interface Pending {
  /** Undefined is the end of the stream, which must not overtake the bytes before it. */
  bytes: Buffer | undefined;
  due: number;
}

/** One direction of a proxied connection: bytes go from source to sink in order, late and damaged as it is told. */
export class ProxiedStream {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #faults: Readonly<ProxyFaults>;
  readonly #treatment: Treatment;
  /** In order of arrival: what is due waits for what came before it. */
  readonly #pending: Pending[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(source: Socket, sink: Socket, faults: Readonly<ProxyFaults>, treatment: Treatment) {
    this.#source = source;
    this.#sink = sink;
    this.#faults = faults;
    this.#treatment = treatment;
    source.on('data', (bytes: Buffer) => this.#take(bytes));
    source.on('end', () => this.#take(undefined));
    source.on('close', () => clearTimeout(this.#timer));
    sink.on('drain', () => this.update());
    this.update();
  }

  /** To be called when a fault was switched. While held, bytes wait in the kernel, as they do on a dead network. */
  update(): void {
    this.#flush();
    if (this.#faults.held || this.#sink.writableNeedDrain) this.#source.pause();
    else this.#source.resume();
  }

  #take(bytes: Buffer | undefined): void {
    this.#pending.push({ bytes, due: performance.now() + this.#treatment.delay() });
    this.update();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    for (let next = this.#pending[0]; next && !this.#faults.held; next = this.#pending[0]) {
      const wait = next.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.update(), wait);
        return;
      }
      this.#pending.shift();
      this.#deliver(next.bytes);
    }
  }

  #deliver(bytes: Buffer | undefined): void {
    if (this.#sink.destroyed) return;
    if (bytes === undefined) {
      this.#sink.end();
      return;
    }
    const treated = this.#treatment.deliver(bytes);
    this.#sink.write(treated.bytes, () => {
      if (treated.close) this.#sink.destroy();
    });
  }
}
