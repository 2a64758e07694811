import { createActor } from 'xstate';
import { Child } from '../../actors/supervisor/child.ts';
import { type SupervisorOptions, supervisorMachine } from '../../actors/supervisor/machine.ts';
import { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { ChildSpec } from '../../src/runtime/child-spec.ts';
import { DeadLetters } from '../../src/runtime/dead-letters.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { EventBus, type SystemEvent, type SystemState } from '../../src/runtime/events.ts';
import type { Logger } from '../../src/runtime/logger.ts';
import { actorOf, type Message } from '../../src/runtime/protocol.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { UNTRACED } from '../runtime/ref-under-test.ts';

export const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

type TreeOptions = Partial<Pick<SupervisorOptions, 'strategy' | 'limits' | 'backoff' | 'random'>> & {
  readonly clock?: VirtualClock;
};

/** A supervisor with real actors below it, on virtual time. */
export class TreeUnderTest {
  readonly clock: VirtualClock;
  readonly bus: EventBus;
  readonly events: SystemEvent[] = [];
  readonly buried: [string, string][] = [];
  readonly refs = new Map<string, ActorRef>();
  readonly children: readonly Child[];
  readonly root: ReturnType<typeof createActor<ReturnType<typeof supervisorMachine>>>;
  /** What the supervisor failed with; nothing ever should be here. */
  readonly failures: unknown[] = [];

  constructor(specs: readonly ChildSpec[], { clock = new VirtualClock(), ...options }: TreeOptions = {}) {
    this.clock = clock;
    const bus = new EventBus((error) => this.failures.push(error));
    this.bus = bus;
    bus.subscribe((event) => this.events.push(event));
    const deadLetters = new DeadLetters(({ messageType, reason }) => this.buried.push([messageType, reason]));
    this.children = specs.map((spec) => {
      const { id, capacity = 1_000, idempotent = [], settles = false } = spec;
      const ref = new ActorRef({
        id,
        clock,
        deadLetters,
        capacity,
        deadline: 500,
        idempotent: new Set(idempotent),
        tracing: UNTRACED,
        settles,
      });
      this.refs.set(id, ref);
      return new Child(spec, ref, {
        clock,
        logger: SILENT,
        ask: async (message, patience) => this.ref(actorOf(message.type)).ask(message, patience),
        send: (message) => this.ref(actorOf(message.type)).send(message),
      });
    });
    const machine = supervisorMachine({
      children: this.children,
      strategy: 'one-for-one',
      limits: { intensity: 5, period: 10_000 },
      backoff: { min: 100, max: 1_000 },
      random: () => 0.5,
      clock,
      events: bus,
      logger: SILENT,
      ...options,
    });
    this.root = createActor(machine, { clock });
    this.root.subscribe({ error: (error) => this.failures.push(error) });
  }

  /** Starts, and lets what waits for no time happen. */
  async start(): Promise<this> {
    this.root.start();
    await this.clock.advance(0);
    return this;
  }

  async stop(): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.root.subscribe({ complete: resolve }));
    this.root.send({ type: 'supervisor.drain' });
    await stopped;
  }

  ref(id: string): ActorRef {
    const ref = this.refs.get(id);
    if (ref === undefined) throw new Error(`no actor ${id}`);
    return ref;
  }

  ask(type: string): Promise<unknown> {
    return this.ref(actorOf(type)).ask({ type });
  }

  /** States of the children, in start order. */
  get states(): string[] {
    return this.children.map((child) => child.report().state);
  }

  get state(): SystemState | undefined {
    return this.events.findLast((event) => event.type === 'system.changed')?.state;
  }

  happened<T extends SystemEvent['type']>(type: T): Extract<SystemEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<SystemEvent, { type: T }> => event.type === type);
  }
}

/** A spec of an actor that answers with its incarnation and crashes on `<id>.crash`, noting what becomes of it. */
export function mortal(id: string, journal: string[], rest: Omit<ChildSpec, 'id' | 'start'> = {}): ChildSpec {
  let incarnation = 0;
  return {
    id,
    ...rest,
    start: ({ crash }) => {
      const mine = ++incarnation;
      journal.push(`start ${id}`);
      return {
        receive: (envelope: Envelope<Message>) => {
          if (envelope.type === `${id}.crash`) throw new Error(`${id} was told to crash`);
          if (envelope.type === `${id}.crash-later`)
            setImmediate(() => crash(new Error(`${id} crashed later`)));
          else if (envelope.type !== `${id}.hang`) envelope.reply(mine);
        },
        drain: () => {
          journal.push(`drain ${id}`);
        },
        stop: () => {
          journal.push(`stop ${id}`);
        },
      };
    },
  };
}
