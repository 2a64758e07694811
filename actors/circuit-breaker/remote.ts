import type { Clock } from '../../src/runtime/clock.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import type { Logger } from '../../src/runtime/logger.ts';
import type { Message } from '../../src/runtime/protocol.ts';
import { type Histogram, type Instruments, SIZE_BOUNDS } from '../../src/telemetry/instruments.ts';
import type { RoundTrip, Tracing } from '../../src/telemetry/port.ts';
import { safeError } from '../../src/tiers/redis/failures.ts';
import { BatchFailure } from '../../src/tiers/tier.ts';
import { type Gate, GateClosedError } from './gate.ts';
import type { Trips } from './trips.ts';

/** What is measured of the round trips to a tier. */
export interface TripMetrics {
  readonly operations: readonly RoundTrip['operation'][];
  readonly duration: { readonly name: string; readonly help: string };
  readonly size: { readonly name: string; readonly help: string };
}

const REDIS_METRICS: TripMetrics = {
  operations: ['MGET', 'EVALSHA', 'SCAN', 'GET', 'SET'],
  duration: {
    name: 'understudy_round_trip_duration_seconds',
    help: 'Duration of one round trip to Redis, a batch each.',
  },
  size: { name: 'understudy_batch_size', help: 'Operations that went to Redis in one round trip.' },
};

export interface RemoteOptions<M extends Message> {
  readonly trips: Trips<M>;
  readonly clock: Clock;
  readonly tracing: Tracing;
  readonly instruments: Instruments;
  readonly logger: Logger;
  readonly database: number | string;
  /** Default: those of Redis. */
  readonly metrics?: TripMetrics;
}

/** Takes envelopes through the gate to a tier and answers them: one pass, one span and one observation per batch. */
export class Remote<M extends Message> {
  readonly #options: RemoteOptions<M>;
  readonly #durations = new Map<RoundTrip['operation'], Histogram>();
  readonly #sizes: Histogram;

  constructor(options: RemoteOptions<M>) {
    this.#options = options;
    const { instruments, metrics: { operations, duration, size } = REDIS_METRICS } = options;
    for (const operation of operations)
      this.#durations.set(operation, instruments.histogram(duration.name, duration.help, { operation }));
    this.#sizes = instruments.histogram(size.name, size.help, {}, SIZE_BOUNDS);
  }

  /** Whether the message is one of the round trips that it makes. */
  carries(message: Message): message is M {
    return this.#options.trips.carries(message);
  }

  /** The breaker is open: nothing is sent. */
  refuse(envelope: Envelope): void {
    envelope.fail(this.#options.trips.unavailable(new GateClosedError()));
  }

  /** Never rejects: every end is told to the asker. `onTimeout` is called when the socket can no longer be trusted. */
  async run(gate: Gate, envelope: Envelope, message: M, onTimeout: (gate: Gate) => void): Promise<void> {
    const { trips, clock, tracing, logger, database } = this.#options;
    const trip = trips.describe(message);
    const span = tracing.roundTrip({ ...trip, database }, envelope.trace);
    this.#sizes.record(trip.size);
    const began = clock.monotonic();
    try {
      const reply = await gate.pass(trips.laneOf(message), () => trips.perform(message));
      span.end();
      envelope.reply(reply);
    } catch (error) {
      const safe = safeError(error);
      span.end(safe);
      const { operation, script, size } = trip;
      logger.debug({ envelope: envelope.id, operation, script, size, err: safe }, 'round trip failed');
      if (isTimeout(error)) onTimeout(gate);
      if (error instanceof BatchFailure) envelope.reply(error.outcomes);
      else envelope.fail(trips.unavailable(error instanceof GateClosedError ? error : safe));
    } finally {
      this.#durations.get(trip.operation)?.record((clock.monotonic() - began) / 1_000);
    }
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ETIMEDOUT';
}
