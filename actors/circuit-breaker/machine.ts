import { assign, fromCallback, setup } from 'xstate';
import { type BackoffOptions, backoff } from '../../src/runtime/backoff.ts';
import type { Clock, Timer } from '../../src/runtime/clock.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { BreakerState, EventBus } from '../../src/runtime/events.ts';
import type { ProbeReport, RemoteTier } from '../../src/tiers/tier.ts';
import { Gate, GateClosedError, type GateOptions, type GateSignal } from './gate.ts';
import type { CircuitBreakerMessage, CircuitBreakerStatus } from './messages.ts';
import { type Remote, unavailable } from './remote.ts';

export interface CircuitBreakerOptions {
  readonly tier: RemoteTier;
  readonly remote: Remote;
  readonly clock: Clock;
  readonly gate: GateOptions;
  /** Milliseconds between probes while the breaker is open. */
  readonly probe: BackoffOptions;
  /** Milliseconds between probes while it is closed: they notice a connection that died unused, and keep the time. */
  readonly heartbeat: number;
  readonly events: EventBus;
  /** Told the time of the server whenever a probe learned it. */
  readonly onServerTime: (report: ProbeReport) => void;
}

type BreakerEvent = Envelope<CircuitBreakerMessage> | GateSignal | { readonly type: 'probe.answered' };

interface BreakerContext {
  readonly generation: number;
  readonly reason: string;
  readonly trips: number;
}

/**
 * opossum's life as a machine: open -> half-open -> closed. It begins open, because nothing is known of Redis before the
 * first probe, and a call that comes too early is no failure. A half-open breaker tries Redis itself, so it always leaves
 * that state and no caller is made to wait for the trial.
 */
export function circuitBreakerMachine(options: CircuitBreakerOptions) {
  const { tier, remote, clock, events, onServerTime } = options;
  let gate: Gate | undefined;
  let state: BreakerState = 'open';

  const probeGate = async (): Promise<void> => {
    const current = gate;
    if (current === undefined) return;
    // The gate hears of a failure; nobody else waits for this.
    await current.pass('write', () => tier.probe()).then(onServerTime, () => {});
  };

  return setup({
    types: { context: {} as BreakerContext, events: {} as BreakerEvent },
    actors: {
      lifetime: fromCallback(() => () => {
        gate?.retire();
        tier.disconnect();
      }),
      probing: fromCallback(({ sendBack }) =>
        repeat(
          clock,
          (attempt) => backoff(attempt, options.probe),
          true,
          async () => {
            try {
              onServerTime(await tier.connect());
              sendBack({ type: 'probe.answered' });
            } catch (error) {
              const reason = error instanceof Error ? error.message : 'unknown';
              events.publish({ type: 'breaker.probe-failed', reason });
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
    actions: {
      enter: assign(({ context, event, self }, next: BreakerState) => {
        gate?.retire();
        const wasClosed = state === 'closed';
        state = next;
        gate = new Gate(next, options.gate, (signal) => self.send(signal));
        if (next === 'open') tier.disconnect();
        const generation = context.generation + 1;
        const reason = reasonOf(event, next);
        events.publish({ type: 'breaker.changed', state: next, generation, reason });
        return { generation, reason, trips: context.trips + (wasClosed && next === 'open' ? 1 : 0) };
      }),
      run: ({ event }) => {
        if (!('message' in event) || event.message.type === 'circuit-breaker.status') return;
        if (gate === undefined || state !== 'closed') event.fail(unavailable(new GateClosedError()));
        else void remote.run(gate, event, event.message, () => void reconnect(tier, onServerTime));
      },
      refuse: ({ event }) => {
        if ('message' in event)
          event.fail(
            new UnderstudyError('UNKNOWN_MESSAGE', `The circuit breaker has no message ${event.type}`),
          );
      },
      tell: ({ event, context }) => {
        if (!('message' in event)) return;
        const status: CircuitBreakerStatus = { ...context, state, connected: tier.connected };
        event.reply(status);
      },
    },
  }).createMachine({
    id: 'circuit-breaker',
    context: { generation: 0, reason: 'not connected yet', trips: 0 },
    invoke: { src: 'lifetime' },
    on: {
      'circuit-breaker.read': { actions: 'run' },
      'circuit-breaker.write': { actions: 'run' },
      'circuit-breaker.replay': { actions: 'run' },
      'circuit-breaker.scan': { actions: 'run' },
      'circuit-breaker.status': { actions: 'tell' },
      'circuit-breaker.*': { actions: 'refuse' },
    },
    initial: 'open',
    states: {
      open: {
        entry: { type: 'enter', params: 'open' },
        invoke: { src: 'probing' },
        on: { 'probe.answered': 'half-open', 'gate.reset-timeout': 'half-open' },
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

function reasonOf(event: BreakerEvent, next: BreakerState): string {
  if (event.type === 'gate.tripped') return event.reason;
  if (event.type === 'probe.answered') return 'a probe was answered';
  if (event.type === 'gate.recovered') return 'the trial succeeded';
  return next === 'open' ? 'not connected yet' : 'the reset timeout passed';
}

/** A socket that timed out is not trusted again. A failure here shows in the calls that follow. */
async function reconnect(tier: RemoteTier, onServerTime: (report: ProbeReport) => void): Promise<void> {
  if (!tier.connected) return;
  await tier.connect().then(onServerTime, () => {});
}

/** Runs `work` again and again until stopped: at once or after the first pause, and backing off while it fails. */
function repeat(
  clock: Clock,
  pause: (failures: number) => number,
  atOnce: boolean,
  work: () => Promise<void>,
): () => void {
  let stopped = false;
  let failures = 0;
  let timer: Timer;
  const turn = async (): Promise<void> => {
    const failed = await work().then(
      () => false,
      () => true,
    );
    failures = failed ? failures + 1 : 0;
    if (!stopped) timer = clock.setTimeout(() => void turn(), pause(failures));
  };
  if (atOnce) void turn();
  else timer = clock.setTimeout(() => void turn(), pause(0));
  return () => {
    stopped = true;
    clock.clearTimeout(timer);
  };
}
