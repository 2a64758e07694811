import { createUnderstudy, type OptionsInput, type SystemEvent, type Understudy } from '../../src/index.ts';
import type { RedisServer } from '../servers/server.ts';

type EventOf<T extends SystemEvent['type']> = Extract<SystemEvent, { type: T }>;

/** A system with a warmer on a real Redis, and what it tells. */
export class WarmSystem implements AsyncDisposable {
  readonly understudy: Understudy;
  readonly events: SystemEvent[] = [];
  #told: () => void = () => {};

  private constructor(understudy: Understudy) {
    this.understudy = understudy;
    understudy.subscribe((event) => {
      this.events.push(event);
      this.#told();
    });
  }

  static async start(redis: RedisServer, options: OptionsInput = {}): Promise<WarmSystem> {
    return new WarmSystem(
      await createUnderstudy({
        redis: { url: redis.url },
        hotKeys: { size: 100 },
        warmup: true,
        breaker: { probe: { min: 10, max: 20 } },
        deadline: 10_000,
        ...options,
      }),
    );
  }

  get cache() {
    return this.understudy.cache;
  }

  of<T extends SystemEvent['type']>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Resolves with the first such event, past or to come. */
  async heard<T extends SystemEvent['type']>(
    type: T,
    match: (event: EventOf<T>) => boolean = () => true,
  ): Promise<EventOf<T>> {
    for (;;) {
      const found = this.of(type).find(match);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#told = resolve;
      });
    }
  }

  /** The end of a phase. */
  warmed(phase: 'reading' | 'restoring'): Promise<EventOf<'warmup.progress'>> {
    return this.heard('warmup.progress', (event) => event.phase === phase && event.done === event.total);
  }

  /** Asks until the breaker has opened. */
  async notices(): Promise<void> {
    while (!this.events.some((event) => event.type === 'breaker.changed' && event.state === 'open'))
      await this.cache.get('whatever');
  }

  /** Each key as many times as it stands there. */
  async ask(...keys: string[]): Promise<void> {
    for (const key of keys) await this.cache.get(key);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.understudy.stop();
  }
}
