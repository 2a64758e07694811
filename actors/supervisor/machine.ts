import { type AnyActorLogic, enqueueActions, fromCallback, setup, type UnknownActorLogic } from 'xstate';
import { type BackoffOptions, backoff } from '../../src/runtime/backoff.ts';
import { planRestart, type Strategy } from '../../src/runtime/child-spec.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import type { EventBus, SystemState } from '../../src/runtime/events.ts';
import type { Logger } from '../../src/runtime/logger.ts';
import { RestartBudget, type RestartLimits } from '../../src/runtime/restart-budget.ts';
import type { Child } from './child.ts';
import { drainInReverse } from './draining.ts';
import { endingWhole } from './ending-whole.ts';
import { stopped, unavailable } from './endings.ts';
import type { SupervisorMessage, SupervisorTree } from './messages.ts';
import { Restarts } from './restarts.ts';

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
export function supervisorMachine(options: SupervisorOptions): AnyActorLogic {
  const { children, strategy, clock, events, logger } = options;
  const order = children.map((child) => child.spec.id);
  const byId = new Map(children.map((child) => [child.spec.id, child]));
  const budget = new RestartBudget(options.limits);
  const restarts = new Restarts(clock);
  let state: SystemState = 'booting';
  let spent = false;
  let over = false;

  const failure = (event: SupervisorEvent): { child: Child; error: unknown } | undefined => {
    if (event.type !== 'child.failed' && !('actorId' in event)) return undefined;
    const child = byId.get(event.type === 'child.failed' ? event.id : event.actorId);
    // One that is not up was dealt with: an actor may tell of its end, and then throw, or fail to stop.
    if (child?.state !== 'up') return undefined;
    if (event.type === 'child.failed' && event.incarnation !== child.incarnation) return undefined;
    return { child, error: 'error' in event ? event.error : new Error('it ended') };
  };

  const machine = setup({
    types: { events: {} as SupervisorEvent },
    // Children are spawned from specs, under ids that are known at run time only.
    actors: {
      // However it ends, nobody is left waiting for a child that is gone.
      lifetime: fromCallback(() => () => {
        over = true;
        restarts.cancel();
        for (const child of children) child.end(stopped(child.spec.id));
      }),
    } as Record<string, UnknownActorLogic>,
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
      start: enqueueActions(({ enqueue, event, self }, ids: readonly string[]) => {
        for (const id of ids) {
          const child = byId.get(id);
          if (child === undefined || child.state === 'up') continue;
          const logic = child.next((incarnation, error) =>
            self.send({ type: 'child.failed', id, incarnation, error }),
          );
          enqueue.spawnChild(logic, { id });
          if (event.type !== 'child.restart') continue;
          events.publish({ type: 'actor.restarted', actor: id, restarts: ++child.restarts });
        }
      }),
      fail: enqueueActions(({ enqueue, event, self }) => {
        const failed = failure(event);
        if (failed === undefined) return;
        const { child, error } = failed;
        const { id } = child.spec;
        enqueue.stopChild(id);
        if (event.type.startsWith('xstate.done.') && child.restart !== 'permanent') {
          child.end(unavailable(id, 'it ended'));
          logger.info({ actor: id }, 'actor ended');
          return;
        }
        const envelope = child.crashed(error);
        const reason = child.lastError ?? 'unknown';
        logger.error({ actor: id, envelope, err: error }, 'actor crashed');
        events.publish({ type: 'actor.crashed', actor: id, error: reason });
        if (child.restart === 'temporary') {
          child.end(unavailable(id, reason));
          return;
        }
        const now = clock.monotonic();
        if (!budget.spend(now)) {
          spent = true;
          logger.error({ actor: id, err: error }, 'restart budget spent');
          events.publish({ type: 'actor.escalated', actor: id, error: reason });
          return;
        }
        const plan = planRestart(strategy, order, id);
        for (const other of plan.stop) {
          const sibling = byId.get(other);
          if (sibling?.state !== 'up') continue;
          const shared = `stopped, because ${id} crashed`;
          sibling.crashed(new Error(shared));
          if (sibling.restart === 'temporary') sibling.end(unavailable(other, shared));
          enqueue.stopChild(other);
        }
        const attempt = budget.spent(now) - 1;
        const delay = attempt === 0 ? 0 : backoff(attempt - 1, options.backoff, options.random);
        const ids = plan.start.filter((other) => byId.get(other)?.ended === false);
        restarts.schedule(ids, delay, () => self.send({ type: 'child.restart', ids }));
      }),
      stop: enqueueActions(({ enqueue, event }) => {
        if (event.type !== 'child.drained') return;
        byId.get(event.id)?.end(stopped(event.id));
        enqueue.stopChild(event.id);
      }),
      lose: enqueueActions(({ enqueue, event }) => {
        // Too late for a restart; whoever waits for it is told.
        const failed = failure(event);
        if (failed === undefined) return;
        const { child, error } = failed;
        const { id } = child.spec;
        child.crashed(error);
        child.end(unavailable(id, child.lastError ?? 'unknown'));
        enqueue.stopChild(id);
        logger.error({ actor: id, err: error }, 'actor crashed while the system was stopping');
        events.publish({ type: 'actor.crashed', actor: id, error: child.lastError ?? 'unknown' });
      }),
      drain: ({ self }) => {
        restarts.cancel();
        void drainInReverse(children, {
          over: () => over,
          drained: (id) => self.send({ type: 'child.drained', id }),
          allDrained: () => self.send({ type: 'children.drained' }),
        });
      },
      stopAll: enqueueActions(({ enqueue }) => {
        restarts.cancel();
        for (const child of children.toReversed()) {
          if (child.spec.witness && child.state === 'up') continue;
          child.end(unavailable(child.spec.id, child.lastError ?? 'the restart budget is spent'));
          enqueue.stopChild(child.spec.id);
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

  const losing = {
    'child.failed': { actions: 'lose' },
    'xstate.error.actor.*': { actions: 'lose' },
    'xstate.done.actor.*': { actions: 'lose' },
  } as const;

  const supervisor = machine.createMachine({
    id: 'supervisor',
    initial: 'booting',
    invoke: { src: 'lifetime' },
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
        on: { ...losing, 'child.drained': { actions: 'stop' }, 'children.drained': 'stopped' },
      },
      failed: {
        entry: [{ type: 'enter', params: 'failed' }, 'stopAll'],
        on: { ...losing, 'supervisor.drain': 'stopped' },
      },
      stopped: { entry: { type: 'enter', params: 'stopped' }, type: 'final' },
    },
  });
  // Nobody is above it: what it looked after must not go on unattended, and whoever asks is told.
  return endingWhole(supervisor, () => {
    for (const child of children) child.end(unavailable(child.spec.id, 'the supervisor crashed'));
    events.publish({ type: 'system.changed', state: 'failed' });
  });
}
