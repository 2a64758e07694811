import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';
import type { InvalidationMode } from '../../src/tiers/invalidation.ts';

export interface CoherenceStatus {
  /** How changes that others make are heard of; `none` while they are not. */
  readonly mode: InvalidationMode | 'none';
  /** Whether reads are answered from memory now. */
  readonly trusted: boolean;
  /** Milliseconds that an answer from memory may be behind Redis. */
  readonly staleness: number;
  /** Counts how often all that memory held had to be read again, or was read for the first time. */
  readonly epoch: number;
  /** Times that changes may have been missed. */
  readonly gaps: number;
  /** Keys that others, or this process, were heard to change. */
  readonly invalidations: number;
  /** Why it is so. */
  readonly reason: string;
}

/** What the coherence actor understands. */
export type CoherenceProtocol = Protocol<{
  'coherence.status': { request: object; reply: CoherenceStatus };
}>;

export type CoherenceMessage = MessageOf<CoherenceProtocol>;
