import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';

/** What the warmer does: `reading` the hottest keys into memory, or `restoring` them in a Redis that was emptied. */
export type WarmingPhase = 'reading' | 'restoring';

export interface WarmerStatus {
  readonly phase: WarmingPhase | 'idle';
  /** Keys of the present phase that are dealt with; 0 while it is idle, as the next two. */
  readonly done: number;
  readonly total: number;
  /** Of those that are dealt with, the ones that have a value in memory now, or in Redis again. */
  readonly warmed: number;
  /** Keys that were read into memory since the system was started. */
  readonly read: number;
  /** Keys that were brought back to Redis since then. */
  readonly restored: number;
}

/** What the warmer understands. */
export type WarmerProtocol = Protocol<{
  'warmer.status': { request: object; reply: WarmerStatus };
}>;

export type WarmerMessage = MessageOf<WarmerProtocol>;
