import type { Clock, Timer } from '../runtime/clock.ts';
import { settled } from './settled.ts';

interface Pending {
  readonly due: number;
  /** Of two that are due at the same time, the one that was set first fires first. */
  readonly order: number;
  readonly callback: () => void;
}

/** 15 July 2026, 12:00 UTC. */
const EPOCH = 1_784_116_800_000;

/** Time that passes only when a test says so. */
export class VirtualClock implements Clock {
  readonly #pending = new Set<Pending>();
  #elapsed = 0;
  #wall: number;
  #order = 0;

  constructor(epoch: number = EPOCH) {
    this.#wall = epoch;
  }

  now(): number {
    return Math.floor(this.#wall + this.#elapsed);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  setTimeout(callback: () => void, milliseconds: number): Timer {
    const timer: Pending = { due: this.#elapsed + Math.max(0, milliseconds), order: ++this.#order, callback };
    this.#pending.add(timer);
    return timer;
  }

  clearTimeout(timer: Timer): void {
    for (const pending of this.#pending) if (pending === timer) this.#pending.delete(pending);
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Moves the wall clock alone, as a person or NTP would. */
  jump(milliseconds: number): void {
    this.#wall += milliseconds;
  }

  /** Time passes and no timer fires, as when the event loop is blocked; they fire late, when time passes again. */
  stall(milliseconds: number): void {
    this.#elapsed += milliseconds;
  }

  /**
   * Lets time pass: fires what is due one timer after the other, each at its own time, including those that are set
   * meanwhile. Between them everything that does not wait for time runs: microtasks, ticks and immediates.
   */
  async advance(milliseconds: number): Promise<void> {
    const until = this.#elapsed + milliseconds;
    await settled();
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) await this.#fire(next);
    // Somebody else may let time pass meanwhile, and further.
    this.#elapsed = Math.max(this.#elapsed, until);
  }

  /** Lets time pass, timer by timer, until something is so, for at most so many milliseconds; tells whether it is. */
  async advanceUntil(isSo: () => boolean, atMost: number): Promise<boolean> {
    const until = this.#elapsed + atMost;
    await settled();
    while (!isSo()) {
      const next = this.#next(until);
      if (next === undefined) {
        this.#elapsed = Math.max(this.#elapsed, until);
        return false;
      }
      await this.#fire(next);
    }
    return true;
  }

  async #fire(timer: Pending): Promise<void> {
    this.#pending.delete(timer);
    this.#elapsed = Math.max(this.#elapsed, timer.due);
    timer.callback();
    await settled();
  }

  #next(until: number): Pending | undefined {
    let first: Pending | undefined;
    for (const timer of this.#pending) {
      if (timer.due > until) continue;
      if (
        first === undefined ||
        timer.due < first.due ||
        (timer.due === first.due && timer.order < first.order)
      )
        first = timer;
    }
    return first;
  }
}
