import type { ActorRef } from '../../src/runtime/actor-ref.ts';
import type { Clock, Timer } from '../../src/runtime/clock.ts';
import type { Pruned } from '../../src/tiers/archive-tier.ts';
import type { ArchiveMessage } from '../archive/messages.ts';
import { type Archive, type Ask, asks } from './archive.ts';

/** Milliseconds between two batches, at least: as long as the one before took, so that most of the time is left to others. */
const PAUSE = 10;
const NOTHING: Pruned = { rows: 0, more: false };
/** What a timer takes. */
const LONGEST = 2_147_483_647;

/** Deletes what is over in the durable tier, now and then, a bounded number of rows at a time. */
export class ArchivePruner {
  readonly #archive: Archive;
  readonly #ask: Ask<ArchiveMessage>;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(archive: Archive, ref: ActorRef, clock: Clock) {
    this.#archive = archive;
    this.#ask = asks(ref);
    this.#clock = clock;
    this.#later();
  }

  stop(): void {
    this.#stopped = true;
    this.#clock.clearTimeout(this.#timer);
  }

  /** Instances that were started together do not stay together. */
  #later(): void {
    this.#after(this.#archive.options.pruneEvery * (0.5 + Math.random()));
  }

  #after(milliseconds: number): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimeout(() => void this.#prune(), Math.min(LONGEST, milliseconds));
  }

  async #prune(): Promise<void> {
    const archive = this.#archive;
    const { pruneBatch: count } = archive.options;
    const began = this.#clock.monotonic();
    const { rows, more } = archive.up
      ? await this.#ask<Pruned>({ type: 'archive.prune', count }).catch(() => NOTHING)
      : NOTHING;
    archive.pruned += rows;
    if (more) this.#after(Math.max(PAUSE, this.#clock.monotonic() - began));
    else this.#later();
  }
}
