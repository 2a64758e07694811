import { randomBytes } from 'node:crypto';
import type { Clock } from '../runtime/clock.ts';

/** Length of a version: 12 hex digits of milliseconds, 4 of a counter, 8 of the instance, and two dashes. */
export const VERSION_LENGTH = 26;

const COUNTER_LIMIT = 0xffff;

/** Every byte in hex. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** By how much two clocks run apart, at most: crystals of computers do by a tenth of this. */
const DRIFT = 1e-3;

/** Milliseconds that the clock of another instance may be ahead. */
const FUTURE = 60_000;

/** September 2001. Stored times have 13 digits; a machine that knows no time at all must not make shorter ones. */
const EARLIEST = 1_000_000_000_000;

/** How wrong the clock of an instance was before it first heard from Redis. */
export interface Shift {
  /** Milliseconds to add to its times. */
  readonly by: number;
  readonly instance: string;
}

/** The instance that made a version. */
export function instanceOf(version: string): string {
  return version.slice(version.lastIndexOf('-') + 1);
}

/** A version as the right clock would have made it; one of another instance is left as it is. */
export function shiftedVersion(version: string, { by, instance }: Shift): string {
  if (!version.endsWith(instance)) return version;
  const milliseconds = Math.max(EARLIEST, Number.parseInt(version.slice(0, 12), 16) + by);
  return milliseconds.toString(16).padStart(12, '0') + version.slice(12);
}

/**
 * Versions that order writes of all instances: a hybrid logical clock (Kulkarni et al., 2014) on the time of the Redis
 * server, ties broken by instance. Versions compare as strings. The time runs on the monotonic clock from the last
 * correction, so that a jump of the local wall clock changes nothing. Before the first correction there is only the local
 * clock to go by, which may be off by anything: what was made until then is moved to where it belongs once that is known.
 */
export class HybridClock {
  readonly instance: string;
  readonly #clock: Clock;
  /** What must be added to the monotonic clock to get the time of the Redis server. */
  #origin: number;
  /** How far off that may be, and when (monotonic) that was known. */
  #error = Number.POSITIVE_INFINITY;
  #correctedAt = 0;
  #last = 0;
  /** Of versions made elsewhere, milliseconds. */
  #observed = 0;
  #newest = '';
  #corrected = false;
  readonly #onShift: ((shift: Shift) => void)[] = [];
  #counter = 0;
  #stamp = '';
  readonly #suffix: string;

  constructor(clock: Clock, instance: string = randomBytes(4).toString('hex')) {
    this.instance = instance;
    this.#suffix = `-${instance}`;
    this.#clock = clock;
    this.#origin = clock.now() - clock.monotonic();
  }

  /** Whole milliseconds since the epoch, by the clock of the Redis server once it is known. */
  now(): number {
    return this.at(this.#clock.monotonic());
  }

  /** The same of a reading of {@link monotonic}. */
  at(monotonic: number): number {
    return Math.max(EARLIEST, Math.floor(this.#origin + monotonic));
  }

  /** Milliseconds since an arbitrary start. */
  monotonic(): number {
    return this.#clock.monotonic();
  }

  /**
   * Adopts the server's time (milliseconds), read half a round trip ago, give or take as much. A slow round trip tells
   * less than a quick one did before, unless what it tells cannot be true at the same time.
   */
  correct(serverTime: number, roundTrip: number): void {
    const now = this.#clock.monotonic();
    const origin = serverTime + roundTrip / 2 - now;
    const error = roundTrip / 2;
    const known = this.#error + (now - this.#correctedAt) * DRIFT;
    if (error > known && Math.abs(origin - this.#origin) <= error + known) return;
    // Within what the reading can tell the local clock was right: moving what it signed would only put it out of order.
    const first = !this.#corrected;
    this.#corrected = true;
    this.#correctedAt = now;
    if (first && Math.abs(origin - this.#origin) <= error) {
      this.#error = 2 * error;
      return;
    }
    const before = this.now();
    this.#origin = origin;
    this.#error = error;
    const by = this.now() - before;
    if (!first) return;
    if (by === 0) return;
    const counter = this.#counter;
    if (this.#last > 0) this.#advance(Math.max(EARLIEST, this.#last + by, this.#observed));
    this.#counter = counter;
    for (const listener of this.#onShift) listener({ by, instance: this.instance });
  }

  /**
   * The same of another server, until the first correction: what it says is better than the local clock, and what is made by it
   * is moved once more then.
   */
  assume(serverTime: number, roundTrip: number): void {
    if (this.#corrected) return;
    this.correct(serverTime, roundTrip);
    this.#corrected = false;
    this.#error = Number.POSITIVE_INFINITY;
  }

  /** Told by how much the local clock was off: once, or of an assumption as well. */
  whenShifted(listener: (shift: Shift) => void): void {
    this.#onShift.push(listener);
  }

  /** A version above every version this instance made or saw before. */
  next(now: number = this.now()): string {
    if (now > this.#last) {
      this.#advance(now);
    } else if (++this.#counter > COUNTER_LIMIT) {
      this.#advance(this.#last + 1);
    }
    return this.#stamp + (HEX[this.#counter >> 8] as string) + HEX[this.#counter & 0xff] + this.#suffix;
  }

  /** The newest version that was made elsewhere, as far as it is known. */
  get newest(): string {
    return this.#newest;
  }

  /**
   * Takes note of a version made elsewhere, so that later ones of this instance are above it; unless no clock that is
   * corrected can have made it.
   */
  observe(version: string): void {
    if (version <= this.#newest) return;
    const milliseconds = Number.parseInt(version.slice(0, 12), 16);
    const counter = Number.parseInt(version.slice(13, 17), 16);
    if (!(milliseconds <= this.now() + FUTURE)) return;
    this.#newest = version;
    if (milliseconds > this.#observed) this.#observed = milliseconds;
    if (milliseconds > this.#last) this.#advance(milliseconds);
    if (milliseconds === this.#last && counter > this.#counter) this.#counter = counter;
  }

  #advance(milliseconds: number): void {
    this.#last = milliseconds;
    this.#counter = 0;
    this.#stamp = `${milliseconds.toString(16).padStart(12, '0')}-`;
  }
}
