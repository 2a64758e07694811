import type { Crash } from '../../src/runtime/behaviour.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';

/** Of a message; undefined for one that concerns every key. */
type Keys = readonly string[] | undefined;

/**
 * Keeps the order of a key's messages while a value of it is packed aside: what comes later at the same key waits in line. With
 * nothing to wait for, and that is mostly so, it is one look at a field.
 */
export class KeyLine {
  readonly #crash: Crash;
  /** The last in line at each key. */
  readonly #last = new Map<string, Promise<void>>();
  /** The last of those that concern every key: whatever comes waits for it. */
  #lastOfAll: Promise<void> | undefined;
  #waiting = 0;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(crash: Crash) {
    this.#crash = crash;
  }

  /** Whether anything is waited for. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /** Takes a turn when what it needs is ready, and what came before at this key has had its own. */
  pass<T>(envelope: Envelope, key: string, needed: T | Promise<T>, turn: (ready: T) => void): void {
    if (!(needed instanceof Promise) && !this.busy) turn(needed);
    else this.#enter(envelope, [key], Promise.resolve(needed), turn);
  }

  /** The same of several keys. */
  passAll<T>(
    envelope: Envelope,
    keys: readonly string[],
    needed: readonly (T | Promise<T>)[],
    turn: (ready: readonly T[]) => void,
  ): void {
    if (this.busy || needed.some((each) => each instanceof Promise))
      this.#enter(envelope, keys, Promise.all(needed), turn);
    else turn(needed as readonly T[]);
  }

  /** Whether a message had to wait at these keys: then it has its turn later. */
  holds(envelope: Envelope, keys: Keys, turn: () => void): boolean {
    if (keys !== undefined && this.#lastOfAll === undefined && !keys.some((key) => this.#last.has(key)))
      return false;
    this.#enter(envelope, keys, Promise.resolve(), turn);
    return true;
  }

  /** Resolves when nobody waits any more. */
  idle(): Promise<void> {
    return this.busy ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  /** Nobody has a turn any more: whoever waits is delivered again to the next incarnation. */
  stop(): void {
    this.#stopped = true;
  }

  #enter<T>(envelope: Envelope, keys: Keys, ready: Promise<T>, turn: (ready: T) => void): void {
    this.#waiting++;
    const before = this.#before(keys);
    const over = Promise.all([ready, ...before])
      .then(([value]) => this.#take(envelope, () => turn(value)))
      .catch((error: unknown) => this.#take(envelope, () => envelope.fail(error)));
    if (keys === undefined) this.#lastOfAll = over;
    else for (const key of keys) this.#last.set(key, over);
    void over.then(() => this.#left(keys, over));
  }

  #before(keys: Keys): Promise<void>[] {
    const all = this.#lastOfAll === undefined ? [] : [this.#lastOfAll];
    if (keys === undefined) return [...all, ...this.#last.values()];
    return [...all, ...keys.flatMap((key) => this.#last.get(key) ?? [])];
  }

  /** Who was answered meanwhile, at the deadline, has no turn. */
  #take(envelope: Envelope, turn: () => void): void {
    if (this.#stopped || !envelope.open) return;
    envelope.lateness = undefined;
    try {
      turn();
    } catch (error) {
      if (isUnderstudyError(error)) envelope.fail(error);
      else this.#crash(error);
    }
  }

  #left(keys: Keys, over: Promise<void>): void {
    if (this.#lastOfAll === over) this.#lastOfAll = undefined;
    for (const key of keys ?? []) if (this.#last.get(key) === over) this.#last.delete(key);
    if (--this.#waiting > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
