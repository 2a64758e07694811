import { assign, fromCallback, setup } from 'xstate';
import { type BackoffOptions, backoff } from '../../src/runtime/backoff.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { BreakerState, EventBus } from '../../src/runtime/events.ts';
import type { ProbeReport, RemoteTier } from '../../src/tiers/tier.ts';
import { Gate, type GateOptions, type GateSignal } from './gate.ts';
import { repeat } from './repeat.ts';

export interface LifeOptions {
  readonly tier: Pick<RemoteTier, 'connected' | 'connect' | 'probe' | 'disconnect'>;
  readonly clock: Clock;
  readonly gate: GateOptions;
  /** Milliseconds after which an open breaker tries Redis, whatever the probes say. */
  readonly resetTimeout: number;
  /** Milliseconds between probes while the breaker is open. */
  readonly probe: BackoffOptions;
  /** Milliseconds between probes while it is closed: they notice a connection that died unused, and keep the time. */
  readonly heartbeat: number;
  readonly events: EventBus;
  /** What its events begin with. Default: `breaker`. */
  readonly news?: 'breaker' | 'archive';
  /** Told the time of the server whenever a probe learned it. */
  readonly onServerTime: (report: ProbeReport) => void;
}

/** Where the breaker stands: kept by the machine, and looked at for every batch, which is no event of its own. */
export interface Stand {
  state: BreakerState;
  gate: Gate | undefined;
}

type LifeEvent = GateSignal | { readonly type: 'probe.answered' };

interface LifeContext {
  /** Counts changes of state. */
  readonly generation: number;
  readonly reason: string;
  readonly trips: number;
}

/**
 * opossum's life as a machine: open -> half-open -> closed. It begins open, because nothing is known of Redis before the
 * first probe, and a call that comes too early is no failure. A half-open breaker tries Redis itself, so it always leaves
 * that state and no caller is made to wait for the trial.
 */
export function lifeMachine(options: LifeOptions, stand: Stand) {
  const { tier, clock, events, news = 'breaker', onServerTime } = options;
  /** Since it was closed: a Redis that takes connections and fails each trial is asked as seldom as one that is gone. */
  let failedTrials = 0;

  const probeGate = async (): Promise<void> => {
    const current = stand.gate;
    if (current === undefined) return;
    // The gate hears of a failure; nobody else waits for this.
    await current.pass('write', () => tier.probe()).then(onServerTime, () => {});
  };

  return setup({
    types: { context: {} as LifeContext, events: {} as LifeEvent },
    actors: {
      lifetime: fromCallback(() => () => {
        stand.gate?.retire();
        tier.disconnect();
      }),
      probing: fromCallback(({ sendBack }) =>
        repeat(
          clock,
          (failures) => backoff(failedTrials + failures, options.probe),
          failedTrials === 0,
          async () => {
            try {
              onServerTime(await tier.connect());
              sendBack({ type: 'probe.answered' });
            } catch (error) {
              const reason = error instanceof Error ? error.message : 'unknown';
              events.publish({ type: `${news}.probe-failed`, reason });
              throw error;
            }
          },
        ),
      ),
      trial: fromCallback(() => {
        void probeGate();
      }),
      heartbeat: fromCallback(() => repeat(clock, () => options.heartbeat, false, probeGate)),
    },
    delays: { resetTimeout: options.resetTimeout },
    actions: {
      enter: assign(({ context, event, self }, next: BreakerState) => {
        stand.gate?.retire();
        const wasClosed = stand.state === 'closed';
        if (next === 'closed') failedTrials = 0;
        else if (next === 'open' && stand.state === 'half-open') failedTrials++;
        stand.state = next;
        stand.gate =
          next === 'open' ? undefined : new Gate(next, options.gate, clock, (signal) => self.send(signal));
        if (next === 'open') tier.disconnect();
        const generation = context.generation + 1;
        const reason = reasonOf(event, next);
        events.publish({ type: `${news}.changed`, state: next, generation, reason });
        return { generation, reason, trips: context.trips + (wasClosed && next === 'open' ? 1 : 0) };
      }),
    },
  }).createMachine({
    id: 'circuit-breaker',
    context: { generation: 0, reason: 'not connected yet', trips: 0 },
    invoke: { src: 'lifetime' },
    initial: 'open',
    states: {
      open: {
        entry: { type: 'enter', params: 'open' },
        invoke: { src: 'probing' },
        on: { 'probe.answered': 'half-open' },
        after: { resetTimeout: 'half-open' },
      },
      'half-open': {
        entry: { type: 'enter', params: 'half-open' },
        invoke: { src: 'trial' },
        on: { 'gate.recovered': 'closed', 'gate.tripped': 'open' },
      },
      closed: {
        entry: { type: 'enter', params: 'closed' },
        invoke: { src: 'heartbeat' },
        on: { 'gate.tripped': 'open' },
      },
    },
  });
}

function reasonOf(event: LifeEvent, next: BreakerState): string {
  if (event.type === 'gate.tripped') return event.reason;
  if (event.type === 'probe.answered') return 'a probe was answered';
  if (event.type === 'gate.recovered') return 'the trial succeeded';
  return next === 'open' ? 'not connected yet' : 'the reset timeout passed';
}
