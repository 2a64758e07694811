import { enqueueActions, setup, type UnknownActorLogic } from 'xstate';
import { type BackoffOptions, backoff } from '../../src/runtime/backoff.ts';
import { planRestart, type Strategy } from '../../src/runtime/child-spec.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { EventBus, SystemState } from '../../src/runtime/events.ts';
import type { Logger } from '../../src/runtime/logger.ts';
import { RestartBudget, type RestartLimits } from '../../src/runtime/restart-budget.ts';
import type { Child } from './child.ts';
import type { SupervisorMessage, SupervisorTree } from './messages.ts';

export interface SupervisorOptions {
  /** In start order. */
  readonly children: readonly Child[];
  readonly strategy: Strategy;
  readonly limits: RestartLimits;
  readonly backoff: BackoffOptions;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly logger: Logger;
  readonly random?: () => number;
}

type SupervisorEvent =
  | Envelope<SupervisorMessage>
  | { readonly type: 'supervisor.drain' }
  | {
      readonly type: 'child.failed';
      readonly id: string;
      readonly incarnation: number;
      readonly error: unknown;
    }
  | { readonly type: 'child.restart'; readonly ids: readonly string[] }
  | { readonly type: 'child.drained'; readonly id: string }
  | { readonly type: 'children.drained' }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string; readonly error: unknown }
  | { readonly type: `xstate.done.actor.${string}`; readonly actorId: string };

/**
 * Starts its children in order, watches them, restarts them by the strategy, and drains them in reverse order. The first
 * restart is immediate; the next ones back off. Past the budget it gives up and says so: `failed`.
 */
export function supervisorMachine(options: SupervisorOptions) {
  const { children, strategy, clock, events, logger } = options;
  const order = children.map((child) => child.spec.id);
  const byId = new Map(children.map((child) => [child.spec.id, child]));
  const budget = new RestartBudget(options.limits);
  let state: SystemState = 'booting';
  let spent = false;

  const failure = (event: SupervisorEvent): { child: Child; error: unknown } | undefined => {
    if (event.type === 'child.failed') {
      const child = byId.get(event.id);
      return child?.incarnation === event.incarnation ? { child, error: event.error } : undefined;
    }
    if (!('actorId' in event)) return undefined;
    const child = byId.get(event.actorId);
    const error = 'error' in event ? event.error : new Error('it ended');
    return child && { child, error };
  };

  const machine = setup({
    types: { events: {} as SupervisorEvent },
    // Children are spawned from specs, under ids that are known at run time only.
    actors: {} as Record<string, UnknownActorLogic>,
    guards: {
      spent: () => spent,
      anyDown: () => children.some((child) => child.state !== 'up' && child.restart === 'permanent'),
      allUp: () => children.every((child) => child.state === 'up' || child.restart !== 'permanent'),
    },
    actions: {
      enter: (_, next: SystemState) => {
        state = next;
        events.publish({ type: 'system.changed', state: next });
      },
      start: enqueueActions(({ enqueue, self }, ids: readonly string[]) => {
        for (const id of ids) {
          const child = byId.get(id);
          if (child === undefined || child.state === 'up') continue;
          const logic = child.next((incarnation, error) =>
            self.send({ type: 'child.failed', id, incarnation, error }),
          );
          enqueue.spawnChild(logic, { id });
        }
      }),
      fail: enqueueActions(({ enqueue, event, self }) => {
        const failed = failure(event);
        if (failed === undefined) return;
        const { child, error } = failed;
        const { id } = child.spec;
        child.crashed(error);
        enqueue.stopChild(id);
        logger.error({ actor: id, err: error }, 'actor crashed');
        events.publish({ type: 'actor.crashed', actor: id, error: child.lastError ?? '' });
        const ended = event.type.startsWith('xstate.done.');
        if (child.restart === 'temporary' || (ended && child.restart === 'transient')) {
          child.end('crash');
          return;
        }
        const plan = planRestart(strategy, order, id);
        const now = clock.monotonic();
        if (!budget.spend(now)) {
          spent = true;
          logger.error({ actor: id, err: error }, 'restart budget spent');
          events.publish({ type: 'actor.escalated', actor: id, error: child.lastError ?? '' });
          return;
        }
        for (const other of plan.stop) {
          byId.get(other)?.crashed(new Error(`stopped, because ${id} crashed`));
          enqueue.stopChild(other);
        }
        child.restarts++;
        const attempt = budget.spent(now) - 1;
        const delay = attempt === 0 ? 0 : backoff(attempt - 1, options.backoff, options.random);
        // Across a turn even when at once: a child that crashes in its start must not recurse into this.
        clock.setTimeout(() => self.send({ type: 'child.restart', ids: plan.start }), delay);
        events.publish({ type: 'actor.restarted', actor: id, restarts: child.restarts });
      }),
      stop: enqueueActions(({ enqueue, event }) => {
        if (event.type !== 'child.drained') return;
        byId.get(event.id)?.end('stop');
        enqueue.stopChild(event.id);
      }),
      lose: ({ event }) => {
        // Too late for a restart; whoever waits for it is told.
        const failed = failure(event);
        failed?.child.crashed(failed.error);
        failed?.child.end('crash');
      },
      drain: ({ self }) => {
        const drained = (id: string): void => self.send({ type: 'child.drained', id });
        void drainInReverse(children, drained).then(() => self.send({ type: 'children.drained' }));
      },
      stopAll: enqueueActions(({ enqueue }) => {
        for (const id of order.toReversed()) {
          byId.get(id)?.end('crash');
          enqueue.stopChild(id);
        }
      }),
      tell: ({ event }) => {
        if (!('message' in event)) return;
        const tree: SupervisorTree = { state, strategy, children: children.map((child) => child.report()) };
        event.reply(tree);
      },
    },
  });

  const failing = {
    'child.failed': { actions: 'fail' },
    'xstate.error.actor.*': { actions: 'fail' },
    'xstate.done.actor.*': { actions: 'fail' },
    'child.restart': {
      actions: { type: 'start', params: ({ event }: { event: { ids: readonly string[] } }) => event.ids },
    },
    'supervisor.drain': 'draining',
  } as const;

  return machine.createMachine({
    id: 'supervisor',
    initial: 'booting',
    on: { 'supervisor.tree': { actions: 'tell' } },
    states: {
      booting: {
        entry: [
          { type: 'enter', params: 'booting' },
          { type: 'start', params: order },
        ],
        always: 'running',
      },
      running: {
        entry: { type: 'enter', params: 'running' },
        on: failing,
        always: [
          { guard: 'spent', target: 'failed' },
          { guard: 'anyDown', target: 'degraded' },
        ],
      },
      degraded: {
        entry: { type: 'enter', params: 'degraded' },
        on: failing,
        always: [
          { guard: 'spent', target: 'failed' },
          { guard: 'allUp', target: 'running' },
        ],
      },
      draining: {
        entry: [{ type: 'enter', params: 'draining' }, 'drain'],
        on: {
          'child.drained': { actions: 'stop' },
          'children.drained': 'stopped',
          'xstate.error.actor.*': { actions: 'lose' },
        },
      },
      failed: {
        entry: [{ type: 'enter', params: 'failed' }, 'stopAll'],
        on: { 'supervisor.drain': 'stopped', 'xstate.error.actor.*': { actions: 'lose' } },
      },
      stopped: { entry: { type: 'enter', params: 'stopped' }, type: 'final' },
    },
  });
}

function stopping(id: string): UnderstudyError {
  return new UnderstudyError('STOPPING', `Actor ${id} is draining`);
}

async function drainInReverse(children: readonly Child[], drained: (id: string) => void): Promise<void> {
  for (const child of children.toReversed()) {
    child.ref.close(stopping(child.spec.id));
    await child.ref.drain(child.state === 'up' ? child.shutdown : 0);
    drained(child.spec.id);
  }
}
