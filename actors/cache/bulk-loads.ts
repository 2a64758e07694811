import type { Clock } from '../../src/runtime/clock.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import { BulkLoad } from './bulk-load.ts';
import type { Lease } from './lease-table.ts';
import type { CacheMessage } from './messages.ts';
import type { Pursuits } from './pursuits.ts';
import type { Reads } from './reads.ts';
import type { RemoteLeases } from './remote-leases.ts';
import type { CacheState } from './state.ts';

type AcquireMany = Extract<CacheMessage, { type: 'cache.acquireMany' }>;

/** Most keys of one message: a load of more asks again, as one with what it has. */
const MAX_KEYS = 10_000;

/** Takes `cache.acquireMany`. */
export class BulkLoads {
  readonly #state: CacheState;
  readonly #reads: Reads;
  readonly #pursuits: Pursuits;
  readonly #clock: Clock;
  readonly #orphans: readonly Lease[];
  #remote: RemoteLeases | undefined;
  #stopped = false;

  constructor(state: CacheState, reads: Reads, pursuits: Pursuits, clock: Clock) {
    this.#state = state;
    this.#reads = reads;
    this.#pursuits = pursuits;
    this.#clock = clock;
    // What a crashed predecessor had taken and told nobody of would keep everybody waiting.
    this.#orphans = state.leases.all().filter(({ told }) => !told);
    for (const { key, token } of this.#orphans) state.leases.end(key, token);
  }

  /** Without it, there is no Redis to share leases by. */
  attach(remote: RemoteLeases): void {
    this.#remote = remote;
    for (const { key, token } of this.#orphans) remote.release(key, token);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** `cache.acquireMany`. */
  acquire(envelope: Envelope, { keys, lease, patient = false }: AcquireMany): void {
    if (keys.length > MAX_KEYS) {
      throw new UnderstudyError('INVALID_MESSAGE', `keys: expected at most ${MAX_KEYS}, got ${keys.length}`);
    }
    const group = lease === undefined ? undefined : this.#state.leases.held(lease)?.group;
    const parts = {
      state: this.#state,
      reads: this.#reads,
      pursuits: this.#pursuits,
      clock: this.#clock,
      remote: this.#remote,
      stopped: () => this.#stopped,
    };
    new BulkLoad(parts, envelope, { keys, patient, group: group ?? { size: 0 } }).start();
  }
}
