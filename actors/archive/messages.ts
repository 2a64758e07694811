import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';
import type { Pruned } from '../../src/tiers/archive-tier.ts';
import type { Outcome, Write } from '../../src/tiers/tier.ts';
import type { CircuitBreakerStatus } from '../circuit-breaker/messages.ts';

/** What the archive actor understands: the circuit breaker in front of the durable tier. All but `status` go there. */
export type ArchiveProtocol = Protocol<{
  /** Reads keys: the stored texts in order, null where there is none. */
  'archive.read': { request: { keys: readonly string[] }; reply: readonly (string | null)[] };
  /** Makes changes where there is nothing newer. */
  'archive.replay': { request: { writes: readonly Write[] }; reply: readonly Outcome[] };
  /** From now on nothing with this prefix is there that is older. */
  'archive.clear': { request: { prefix: string; version: string }; reply: undefined };
  /** Deletes rows that are over, some `count` of them at the most. */
  'archive.prune': { request: { count: number }; reply: Pruned };
  'archive.status': { request: object; reply: CircuitBreakerStatus };
}>;

export type ArchiveMessage = MessageOf<ArchiveProtocol>;
