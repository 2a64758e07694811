import type { PrivateRedis } from '../../src/cli/private-redis.ts';

interface Move {
  readonly slot: number;
  readonly from: PrivateRedis;
  readonly to: PrivateRedis;
  /** All masters of the Cluster. */
  readonly masters: readonly PrivateRedis[];
}

/** Moves a slot of a Cluster in steps, as redis-cli does, so that a test can look on between them. */
export class SlotMove {
  readonly #move: Move;
  readonly #ids: Promise<[string, string]>;

  constructor(move: Move) {
    this.#move = move;
    const id = async (node: PrivateRedis) => String(await node.call('CLUSTER', 'MYID'));
    this.#ids = Promise.all([id(move.from), id(move.to)]);
  }

  /** From now on the old master answers ASK for what it has not. */
  async begin(): Promise<void> {
    const { slot, from, to } = this.#move;
    const [source, target] = await this.#ids;
    await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source);
    await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target);
  }

  /** Moves up to `count` keys; tells whether there were any. */
  async keys(count: number): Promise<boolean> {
    const { slot, from, to } = this.#move;
    const keys = await from.call('CLUSTER', 'GETKEYSINSLOT', slot, count);
    if (!Array.isArray(keys) || keys.length === 0) return false;
    await from.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys.map(String));
    return true;
  }

  /** From now on the old master answers MOVED. */
  async end(): Promise<void> {
    const { slot, from, to, masters } = this.#move;
    while (await this.keys(100));
    const [, target] = await this.#ids;
    // The new owner first, or the slot would be nobody's for a moment.
    for (const node of [to, from, ...masters]) await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', target);
  }
}
