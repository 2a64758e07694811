import { circuitBreakerActor } from '../../actors/circuit-breaker/actor.ts';
import type { CircuitBreakerMessage, CircuitBreakerStatus } from '../../actors/circuit-breaker/messages.ts';
import { Remote } from '../../actors/circuit-breaker/remote.ts';
import { redisTrips } from '../../actors/circuit-breaker/round-trip.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import type { BreakerState } from '../../src/runtime/events.ts';
import { Instruments } from '../../src/telemetry/instruments.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { failureKind } from '../../src/tiers/redis/failures.ts';
import { UNTRACED } from '../runtime/ref-under-test.ts';
import { SILENT, TreeUnderTest } from '../supervisor/tree-under-test.ts';
import { agree } from './agree.ts';
import type { BreakerModel } from './breaker-model.ts';
import { BREAKER } from './breaker-options.ts';
import { ScriptedTier } from './scripted-tier.ts';

const MESSAGES = {
  read: { type: 'circuit-breaker.read', keys: ['k'] },
  scan: { type: 'circuit-breaker.scan', prefix: '', cursor: undefined, count: 1 },
  write: { type: 'circuit-breaker.write', writes: [{ op: 'delete', key: 'k', version: 'v' }] },
  replay: { type: 'circuit-breaker.replay', writes: [{ op: 'delete', key: 'k', version: 'v' }] },
} as const satisfies Record<string, CircuitBreakerMessage>;

/** The circuit-breaker actor that is to do what the model does. */
export class BreakerUnderTest {
  readonly tier: ScriptedTier;
  readonly tree: TreeUnderTest;
  /** What each asker was told; more than once would be wrong. */
  readonly #told: string[][] = [];
  /** What was asked of Redis while nobody may ask it. */
  readonly #intruders: string[] = [];

  constructor(errorRate: number) {
    this.tier = new ScriptedTier((call) => {
      if (this.#state === 'open' && call !== 'connect') this.#intruders.push(call);
      if (this.#state === 'half-open' && call !== 'probe') this.#intruders.push(call);
    });
    const clock = new VirtualClock();
    const { probe, heartbeat, resetTimeout, ...gate } = BREAKER;
    const isRefusal = (error: unknown): boolean => failureKind(error) === 'refused';
    const parts = { trips: redisTrips(this.tier), clock, tracing: UNTRACED, logger: SILENT, database: 0 };
    const tree: TreeUnderTest = new TreeUnderTest(
      [
        {
          id: 'circuit-breaker',
          shutdown: 0,
          start: (context) =>
            circuitBreakerActor({
              tier: this.tier,
              clock,
              probe,
              heartbeat,
              resetTimeout,
              gate: { ...gate, errorRate, isRefusal },
              events: tree.bus,
              remote: new Remote({ ...parts, instruments: new Instruments() }),
              onServerTime: () => {},
            }).start(context),
        },
      ],
      { clock },
    );
    this.tree = tree;
  }

  send(call: keyof typeof MESSAGES, count: number): void {
    for (let each = 0; each < count; each++) {
      const told: string[] = [];
      this.#told.push(told);
      const failed = (error: unknown): void =>
        void told.push(isUnderstudyError(error) ? error.code : 'untyped');
      const answered = (): void => void told.push('answered');
      this.tree.ref('circuit-breaker').post(MESSAGES[call], answered, failed, { deadline: Infinity });
    }
  }

  /** Everything that can be seen of it is as the model has it. */
  async agreesWith(model: BreakerModel): Promise<void> {
    const ref = this.tree.ref('circuit-breaker');
    const { reason, ...status } = await ref.ask<CircuitBreakerStatus>({ type: 'circuit-breaker.status' });
    const { state, generation, trips, connected } = model;
    agree(status, { state, generation, trips, connected });
    agree(this.#states, model.states);
    agree(this.tier.calls, model.calls);
    agree(this.#intruders, []);
    const told = model.told.map((each) => (each === undefined ? [] : [each]));
    agree(this.#told, told);
    agree(this.tree.failures, []);
  }

  get #states(): BreakerState[] {
    return this.tree.happened('breaker.changed').map((event) => event.state);
  }

  get #state(): BreakerState | undefined {
    return this.tree.events.findLast((event) => event.type === 'breaker.changed')?.state;
  }
}
