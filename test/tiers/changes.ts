import type { Write } from '../../src/tiers/tier.ts';
import type { HybridClock } from '../../src/wire/hybrid-clock.ts';
import { NEVER } from '../../src/wire/marker.ts';
import { type Extras, encodeExtras, encodeStored } from '../../src/wire/stored.ts';

type Of<Op extends Write['op']> = Extract<Write, { op: Op }>;

/** An hour: what a change lives if a test does not care. */
const TTL = 3_600_000;

/** Makes changes, each newer than all before it. */
export class Changes {
  readonly time: HybridClock;

  constructor(time: HybridClock) {
    this.time = time;
  }

  set(key: string, value: unknown, ttl: number = TTL, extras: Extras = {}): Of<'set'> {
    const now = this.time.now();
    const version = this.time.next(now);
    const stored = encodeStored(version, now, now + ttl, JSON.stringify(value), encodeExtras(extras));
    return { op: 'set', key, version, ttl: ttl + (extras.grace ?? 0), stored };
  }

  delete(key: string): Of<'delete'> {
    return { op: 'delete', key, version: this.time.next() };
  }

  touch(key: string, ttl: number = TTL): Of<'touch'> {
    const now = this.time.now();
    return { op: 'touch', key, version: this.time.next(now), ttl, fresh: now + ttl };
  }

  /** Invalidates, expires, or only sees to it that there is a marker. */
  mark(key: string, what?: 'invalidated' | 'expired', ttl: number = TTL): Of<'mark'> {
    const version = this.time.next();
    const marks = { invalidated: NEVER, expired: NEVER };
    return { op: 'mark', key, version, ttl, since: version, ...marks, ...(what && { [what]: version }) };
  }

  increment(key: string, by: number, ttl: number = TTL): Of<'increment'> {
    const now = this.time.now();
    return { op: 'increment', key, version: this.time.next(now), ttl, fresh: now + ttl, by };
  }
}
