import type { BreakerState } from '../../src/runtime/events.ts';
import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';
import type { LeaseAnswer, LeaseRequest } from '../../src/tiers/lease.ts';
import type { Outcome, ScanPage, Write } from '../../src/tiers/tier.ts';

/** What the circuit-breaker actor understands. All but `status` are one round trip to Redis each. */
export type CircuitBreakerProtocol = Protocol<{
  /** Reads keys: the stored texts in order, null where there is none, undefined where one could not be read. */
  'circuit-breaker.read': {
    request: { keys: readonly string[] };
    reply: readonly (string | null | undefined)[];
  };
  /** Applies changes as they come. With `wait`, outcomes say how many replicas have them, so many being hoped for. */
  'circuit-breaker.write': {
    request: { writes: readonly Write[]; wait?: number | undefined };
    reply: readonly Outcome[];
  };
  /** Applies changes that come late, where Redis holds nothing newer. */
  'circuit-breaker.replay': { request: { writes: readonly Write[] }; reply: readonly Outcome[] };
  /** Remembers that a prefix was cleared, before its keys are deleted. `spared`: instances whose changes outlive it. */
  'circuit-breaker.clear': {
    request: { prefix: string; version: string; spared?: readonly string[] | undefined };
    reply: undefined;
  };
  /** Takes, fulfils and gives back leases to load a key, which all processes share. */
  'circuit-breaker.lease': { request: { requests: readonly LeaseRequest[] }; reply: readonly LeaseAnswer[] };
  /** One page of the keys that begin with a prefix; of those among them that are leased where `leased` says so. */
  'circuit-breaker.scan': {
    request: { prefix: string; cursor: string | undefined; count: number; leased?: boolean };
    reply: ScanPage;
  };
  /** The list of the keys that are asked for most, as it was kept last. */
  'circuit-breaker.recall': { request: object; reply: string | null };
  /** Keeps that list; with `anew` only where there is none. Replies whether it did. */
  'circuit-breaker.remember': { request: { text: string; ttl: number; anew: boolean }; reply: boolean };
  'circuit-breaker.status': { request: object; reply: CircuitBreakerStatus };
}>;

export type CircuitBreakerMessage = MessageOf<CircuitBreakerProtocol>;

export interface CircuitBreakerStatus {
  readonly state: BreakerState;
  /** Counts changes of state. */
  readonly generation: number;
  /** Why it is in this state. */
  readonly reason: string;
  /** Whether there is a connection that takes commands. */
  readonly connected: boolean;
  /** Times it opened after it had been closed. */
  readonly trips: number;
}
