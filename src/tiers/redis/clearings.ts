import { Cluster } from 'ioredis';
import { instanceOf } from '../../wire/hybrid-clock.ts';
import type { KeySpace } from '../../wire/keys.ts';
import type { Write } from '../tier.ts';
import type { RedisClient } from './client.ts';
import { Script } from './script.ts';

const CLEAR = new Script('./clear.lua');

/** What was cleared, remembered in Redis as long as deletions are: a clear can leave tombstones only for keys it finds. */
export class Clearings {
  readonly #space: KeySpace;
  readonly #ttl: number;

  constructor(space: KeySpace, ttl: number) {
    this.#space = space;
    this.#ttl = ttl;
  }

  /**
   * Must be done before the first key is deleted: what is replayed until then is found by the scan. `spared`: instances
   * whose changes outlive it, where it stands for deletions that found no room.
   */
  async record(
    client: RedisClient,
    prefix: string,
    version: string,
    spared?: readonly string[],
  ): Promise<void> {
    const outdated = Number.parseInt(version.slice(0, 12), 16) - this.#ttl;
    const name = this.#space.data(prefix);
    // No key begins with this name: what follows the prefix in one is never a tilde.
    const field = spared === undefined ? name : `${name}~${instanceOf(version)}`;
    const value = spared === undefined ? version : `${version}~${spared.join()}`;
    const args = [field, value, this.#ttl, outdated, this.#space.announcements()];
    await CLEAR.run(client, [this.#space.clearings()], args);
  }

  /**
   * The test for changes that a clearing came after, on a Cluster. Between this look and the replay another instance can
   * begin and end a clear; anywhere else the script looks itself.
   */
  async covering(client: RedisClient): Promise<(write: Write) => boolean> {
    if (!(client instanceof Cluster)) return () => false;
    const known = Object.entries(await client.hgetall(this.#space.clearings()));
    return ({ op, key, version }) =>
      op !== 'delete' &&
      known.some(([prefix, cleared]) => {
        const [before = '', spared] = cleared.split('~');
        if (version >= before) return false;
        return spared === undefined
          ? this.#space.data(key).startsWith(prefix)
          : !spared.includes(instanceOf(version));
      });
  }
}
