import type { Write } from '../../src/tiers/tier.ts';
import type { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { type Extras, encodeExtras, encodeStored } from '../../src/wire/stored.ts';

/** Makes changes: each with its time and a version above all before it. */
export class Stamper {
  readonly #time: HybridClock;

  constructor(time: HybridClock) {
    this.#time = time;
  }

  /** `asOf`: the version, where what is set is as old as that. It is kept for its grace as well. */
  set(key: string, json: string, ttl: number, asOf?: string, extras?: Extras): Extract<Write, { op: 'set' }> {
    const now = this.#time.now();
    const version = asOf ?? this.#time.next(now);
    if (extras === undefined)
      return { op: 'set', key, version, ttl, stored: encodeStored(version, now, now + ttl, json) };
    const stored = encodeStored(version, now, now + ttl, json, encodeExtras(extras));
    return { op: 'set', key, version, ttl: ttl + (extras.grace ?? 0), stored };
  }

  delete(key: string, version: string = this.#time.next()): Write {
    return { op: 'delete', key, version };
  }

  touch(key: string, ttl: number): Extract<Write, { op: 'touch' }> {
    const now = this.#time.now();
    return { op: 'touch', key, version: this.#time.next(now), ttl, fresh: now + ttl };
  }

  increment(key: string, by: number, ttl: number): Extract<Write, { op: 'increment' }> {
    const now = this.#time.now();
    return { op: 'increment', key, version: this.#time.next(now), ttl, fresh: now + ttl, by };
  }
}

/** The version of what is changed together, which is that of its answer; of a key that comes twice, the last is later. */
export class SharedVersion {
  readonly #time: HybridClock;
  readonly #keys = new Set<string>();
  #version: string;

  constructor(time: HybridClock) {
    this.#time = time;
    this.#version = time.next();
  }

  of(key: string): string {
    if (this.#keys.has(key)) {
      this.#keys.clear();
      this.#version = this.#time.next();
    }
    this.#keys.add(key);
    return this.#version;
  }
}
