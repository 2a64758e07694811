import type { Message } from '../../src/runtime/protocol.ts';
import type { RoundTrip } from '../../src/telemetry/port.ts';
import type { Lane } from './gate.ts';

/** The messages that are one round trip each, to one of the tiers that are behind a breaker. */
export interface Trips<M extends Message> {
  carries(message: Message): message is M;
  /** How it is named in spans and metrics, where it goes, and how many operations it carries. */
  describe(message: M): Omit<RoundTrip, 'database'>;
  /** Whether it shows that the tier serves reads, or that it takes writes. */
  laneOf(message: M): Lane;
  perform(message: M): Promise<unknown>;
  /** What an asker is told who got no answer. */
  unavailable(cause: Error): Error;
}
