import type { WarmerStatus, WarmingPhase } from './messages.ts';

/** Keys to be warmed, the hottest first. */
export interface Work {
  readonly phase: WarmingPhase;
  readonly keys: readonly string[];
  done: number;
  warmed: number;
}

/** What the warmer keeps. It belongs to the system: a restarted actor goes on where its predecessor was. */
export class WarmerState {
  /** Of the list in Redis, as it was last seen: where there is another, Redis has lost what it held. */
  born: string | undefined;
  /** When Redis went out last, milliseconds since the epoch; 0 for never. */
  lostAt = 0;
  /** Whether the list that earlier processes left has been looked at. */
  consulted = false;
  work: Work | undefined;
  /** Of each hot key, how much of its count is in the list already. */
  readonly counted = new Map<string, number>();
  readonly warmed: Record<WarmingPhase, number> = { reading: 0, restoring: 0 };

  /** Keys that are still to be dealt with. */
  get remaining(): number {
    return this.work === undefined ? 0 : this.work.keys.length - this.work.done;
  }

  status(): WarmerStatus {
    const { phase = 'idle', done = 0, warmed = 0, keys = [] } = this.work ?? {};
    const { reading: read, restoring: restored } = this.warmed;
    return { phase, done, total: keys.length, warmed, read, restored };
  }
}
