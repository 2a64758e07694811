import type { Clock } from '../../src/runtime/clock.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { Logger } from '../../src/runtime/logger.ts';
import { type Histogram, type Instruments, SIZE_BOUNDS } from '../../src/telemetry/instruments.ts';
import type { RoundTrip, Tracing } from '../../src/telemetry/port.ts';
import { safeError } from '../../src/tiers/redis/failures.ts';
import { BatchFailure, type RemoteTier } from '../../src/tiers/tier.ts';
import { type Gate, GateClosedError } from './gate.ts';
import { describeTrip, laneOf, performTrip, type RoundTripMessage } from './round-trip.ts';

export interface RemoteOptions {
  readonly tier: RemoteTier;
  readonly clock: Clock;
  readonly tracing: Tracing;
  readonly instruments: Instruments;
  readonly logger: Logger;
  readonly database: number;
}

/** Takes envelopes through the gate to Redis and answers them: one pass, one span and one observation per batch. */
export class Remote {
  readonly #options: RemoteOptions;
  readonly #durations = new Map<RoundTrip['operation'], Histogram>();
  readonly #sizes: Histogram;

  constructor(options: RemoteOptions) {
    this.#options = options;
    for (const operation of ['MGET', 'EVALSHA', 'SCAN', 'GET', 'SET'] as const) {
      this.#durations.set(
        operation,
        options.instruments.histogram(
          'understudy_round_trip_duration_seconds',
          'Duration of one round trip to Redis, a batch each.',
          { operation },
        ),
      );
    }
    const help = 'Operations that went to Redis in one round trip.';
    this.#sizes = options.instruments.histogram('understudy_batch_size', help, {}, SIZE_BOUNDS);
  }

  /** Never rejects: every end is told to the asker. `onTimeout` is called when the socket can no longer be trusted. */
  async run(
    gate: Gate,
    envelope: Envelope,
    message: RoundTripMessage,
    onTimeout: (gate: Gate) => void,
  ): Promise<void> {
    const { tier, clock, tracing, logger, database } = this.#options;
    const trip = describeTrip(message);
    const span = tracing.roundTrip({ ...trip, ...tier.address, peer: tier.peer, database }, envelope.trace);
    this.#sizes.record(trip.size);
    const began = clock.monotonic();
    try {
      const reply = await gate.pass(laneOf(message), () => performTrip(tier, message));
      span.end();
      envelope.reply(reply);
    } catch (error) {
      const safe = safeError(error);
      span.end(safe);
      logger.debug({ envelope: envelope.id, ...trip, err: safe }, 'round trip failed');
      if (isTimeout(error)) onTimeout(gate);
      if (error instanceof BatchFailure) envelope.reply(error.outcomes);
      else envelope.fail(unavailable(error instanceof GateClosedError ? error : safe));
    } finally {
      this.#durations.get(trip.operation)?.record((clock.monotonic() - began) / 1_000);
    }
  }
}

/** What an asker is told when Redis did not answer. */
export function unavailable(cause: Error): UnderstudyError {
  return new UnderstudyError('REDIS_UNAVAILABLE', `Redis did not answer: ${cause.message}`, { cause });
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ETIMEDOUT';
}
