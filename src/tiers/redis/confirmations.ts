import type { Redis } from 'ioredis';
import type { RedisTierOptions } from './options.ts';
import { Witness } from './witness.ts';

/** Counts the replicas that have a change, by server: a Cluster has several masters. */
export class Confirmations {
  readonly #options: RedisTierOptions;
  readonly #witnesses = new Map<Redis, Witness>();

  constructor(options: RedisTierOptions) {
    this.#options = options;
  }

  /** Opens the connection to ask over while the change is still on its way: replicas need not wait for it as well. */
  prepare(server: Redis): void {
    if (server.status === 'ready') this.#witness(server);
  }

  /**
   * Replicas of `server` that have what it answered on its connection `stream`. None when that is no longer its
   * connection: the server behind the next may be another, which never heard of the change.
   */
  async replicas(server: Redis, stream: Redis['stream'], wanted: number): Promise<number> {
    if (server.stream !== stream) return 0;
    const replicas = await this.#witness(server).replicas(wanted);
    return server.stream === stream && !stream.destroyed ? replicas : 0;
  }

  close(): void {
    for (const witness of this.#witnesses.values()) witness.close();
    this.#witnesses.clear();
  }

  #witness(server: Redis): Witness {
    const known = this.#witnesses.get(server);
    if (known?.stream === server.stream) return known;
    known?.close();
    const witness = new Witness(server, this.#options);
    this.#witnesses.set(server, witness);
    return witness;
  }
}
