import { expect } from 'vitest';
import { cacheActor } from '../../actors/cache/actor.ts';
import { Journal } from '../../actors/cache/journal.ts';
import { LeaseTable } from '../../actors/cache/lease-table.ts';
import type { CacheProtocol } from '../../actors/cache/messages.ts';
import type { CacheState } from '../../actors/cache/state.ts';
import type { Crash } from '../../src/runtime/behaviour.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import { KeyEventBus } from '../../src/runtime/key-events.ts';
import type { MessageOf } from '../../src/runtime/protocol.ts';
import { Instruments } from '../../src/telemetry/instruments.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { MemoryTier } from '../../src/tiers/memory.ts';
import { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { Values } from '../../src/wire/values.ts';
import { UNTRACED } from '../runtime/ref-under-test.ts';
import { TreeUnderTest } from '../supervisor/tree-under-test.ts';
import { agree } from './agree.ts';
import { type Late, LEASE, type LeaseModel } from './lease-model.ts';

/** The cache actor without a Redis, whose leases are to do what those of the model do. */
export class LeasesUnderTest {
  readonly tree: TreeUnderTest;
  readonly #clock = new VirtualClock();
  readonly #state: CacheState;
  readonly #told: unknown[][] = [];
  /** The token of each asker that was given a lease. */
  readonly #tokens = new Map<number, string>();
  #late: Late[] = [];
  #crash: Crash = () => {};

  constructor() {
    const clock = this.#clock;
    const time = new HybridClock(clock);
    const state: CacheState = {
      time,
      values: new Values(),
      memory: new MemoryTier({ maxEntries: 100, maxBytes: 1e6, foreignTtl: 60_000, isolation: 'copy' }, time),
      journal: new Journal({ maxEntries: 100, maxBytes: 1e6 }, time),
      leases: new LeaseTable(LEASE),
      keyEvents: new KeyEventBus(() => {}),
      redisUp: false,
    };
    this.#state = state;
    const tree: TreeUnderTest = new TreeUnderTest(
      [
        {
          id: 'cache',
          settles: true,
          idempotent: ['cache.acquire'],
          start: (context) => {
            this.#crash = context.crash;
            return cacheActor({
              state,
              breaker: undefined,
              clock,
              events: tree.bus,
              instruments: new Instruments(),
              tracing: UNTRACED,
              door: { ttl: 3_600_000 },
              batch: { maxKeys: 64, maxBytes: 262_144, maxInFlight: 32 },
              foreignTtl: 60_000,
              shutdown: 0,
            }).start(context);
          },
        },
      ],
      { clock, limits: { intensity: 1_000, period: 1 }, backoff: { min: 0, max: 0 } },
    );
    this.tree = tree;
  }

  acquire(key: string, patience: number): void {
    const told: unknown[] = [];
    const asker = this.#told.push(told) - 1;
    this.tree.ref('cache').post(
      { type: 'cache.acquire', key },
      (reply: CacheProtocol['cache.acquire']['reply']) => {
        if ('lease' in reply) this.#tokens.set(asker, reply.lease);
        told.push('lease' in reply ? 'leased' : reply.found ? { value: reply.value } : 'nothing');
      },
      (error) => {
        if (isUnderstudyError(error, 'DEADLINE_EXCEEDED'))
          this.#late.push({ asker, at: this.#clock.monotonic() });
        told.push(isUnderstudyError(error) ? error.code : { reason: error });
      },
      { deadline: patience },
    );
  }

  /** The token of the lease that an asker was given; an invented one, if he was not. */
  token(asker: number): string {
    return this.#tokens.get(asker) ?? 'invented';
  }

  ask<M extends MessageOf<CacheProtocol>>(message: M): Promise<CacheProtocol[M['type']]['reply']> {
    return this.tree.ref('cache').ask(message);
  }

  /** Lets time pass; tells who was let go at his deadline. */
  async advance(milliseconds: number): Promise<readonly Late[]> {
    this.#late = [];
    await this.#clock.advance(milliseconds);
    return this.#late;
  }

  async crash(): Promise<void> {
    this.#crash(new Error('crashed by the test'));
    await this.#clock.advance(0);
  }

  /** Everything that can be seen of it is as the model has it. */
  async agreesWith(model: LeaseModel): Promise<void> {
    const told = model.askers.map((asker) => asker.told);
    agree(this.#told, told);
    agree(this.#state.leases.size, model.leases.length);
    agree(this.tree.failures, []);
    for (const { told, deadline } of model.askers)
      if (told.length === 0 && deadline <= model.now) expect(deadline).toBeGreaterThan(model.now);
    const keys = [...new Set(model.askers.map(({ key }) => key)), ...model.values.keys()];
    const held = new Map(await this.ask({ type: 'cache.getMany', keys }));
    agree(held, model.values);
    for (const key of keys) {
      const lease = model.inForce(key);
      const token = lease === undefined ? undefined : this.token(lease.holder);
      agree(this.#state.leases.current(key)?.token, token);
    }
    agree(new Set(this.#tokens.values()).size, this.#tokens.size);
  }
}
