import type { Behaviour } from '../../src/runtime/behaviour.ts';
import type { ActorContext, ChildSpec } from '../../src/runtime/child-spec.ts';
import type { Timer } from '../../src/runtime/clock.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { isUnderstudyError, UnderstudyError } from '../../src/runtime/errors.ts';
import type { BreakerState, EventBus } from '../../src/runtime/events.ts';
import type { Warmed, WarmingMessage } from '../cache/messages.ts';
import { ListKeeper, type ListKeeperParts } from './list-keeper.ts';
import type { WarmerMessage, WarmingPhase } from './messages.ts';
import type { WarmerState, Work } from './state.ts';

/** Keys in one message, at the most; fewer where they are to come slowly. */
const BATCH = 64;
/** Messages a second that a slow rate is spread over. */
const STEPS = 10;
/** Milliseconds until what found no room, or was not answered, is asked again. */
const RETRY = 250;
/** Milliseconds between two writings of the list. */
const INTERVAL = 30_000;

export interface WarmerOptions extends ListKeeperParts {
  readonly events: EventBus;
  /** Of the circuit breaker, as it is at any time: an actor that is restarted has missed how it came to be so. */
  readonly circuit: () => BreakerState | 'none';
  /** Keys a second, at the most. */
  readonly rate: number;
  /** Milliseconds before Redis went out within which a value must have been seen there to be restored. */
  readonly window: number;
}

/** The warmer: knows the hottest keys beyond the life of the process, and refills memory, or Redis, with them. */
export function warmerActor(options: WarmerOptions): ChildSpec {
  return {
    id: 'warmer',
    start: (context) => new WarmerBehaviour(options, context),
    idempotent: ['warmer.status'],
  };
}

/** One thing at a time: after each outage it looks at the list, now and then it writes it, else it does the work that there is. */
class WarmerBehaviour implements Behaviour {
  readonly #options: WarmerOptions;
  readonly #context: ActorContext;
  readonly #state: WarmerState;
  readonly #list: ListKeeper;
  readonly #unsubscribe: () => void;
  #up: boolean;
  #running = false;
  #stopped = false;
  /** The list is to be looked at: Redis was out, or has not been reached before. */
  #unseen = true;
  /** The list is to be written. */
  #unsaved = false;
  /** The keys that the cache holds on to, since Redis is back. */
  #held: Promise<readonly string[]> = Promise.resolve([]);
  #interval: Timer | undefined;
  #pausing: Timer | undefined;

  constructor(options: WarmerOptions, context: ActorContext) {
    this.#options = options;
    this.#context = context;
    this.#state = options.state;
    this.#list = new ListKeeper(options);
    this.#up = options.circuit() === 'closed';
    this.#unsubscribe = options.events.subscribe((event) => {
      if (event.type === 'breaker.changed') this.#follow(event.state === 'closed');
    });
    this.#saveLater();
    this.#kick();
  }

  receive(envelope: Envelope<WarmerMessage>): void {
    if (envelope.message.type === 'warmer.status') envelope.reply(this.#state.status());
    else envelope.fail(new UnderstudyError('UNKNOWN_MESSAGE', `The warmer has no message ${envelope.type}`));
  }

  async drain(): Promise<void> {
    this.#end();
    // The list that was there before the outage tells whether Redis was emptied: it is looked at before it is written.
    if (this.#up && !this.#unseen) await this.#attempt(() => this.#list.save());
  }

  stop(): void {
    this.#end();
  }

  #end(): void {
    this.#stopped = true;
    this.#unsubscribe();
    this.#context.clock.clearTimeout(this.#interval);
    this.#context.clock.clearTimeout(this.#pausing);
  }

  #follow(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    if (up) {
      this.#unseen = true;
      this.#hold();
    } else this.#state.lostAt = this.#options.time.now();
    this.#kick();
  }

  /** At once, as the first answers of a Redis that was emptied make memory forget. */
  #hold(): void {
    const { cache, state, window, limit } = this.#options;
    if (state.born === undefined) return;
    const message: WarmingMessage = { type: 'cache.hold', since: state.lostAt - window, limit };
    this.#held = cache.ask<readonly string[]>(message).catch(() => []);
  }

  #saveLater(): void {
    this.#interval = this.#context.clock.setTimeout(() => {
      this.#unsaved = true;
      this.#saveLater();
      this.#kick();
    }, INTERVAL);
  }

  #kick(): void {
    if (this.#running || this.#stopped || !this.#up) return;
    this.#running = true;
    this.#run().catch(this.#context.crash);
  }

  async #run(): Promise<void> {
    while (!this.#stopped && this.#up) {
      const { work } = this.#state;
      if (this.#unseen) await this.#consult();
      else if (this.#unsaved) await this.#save();
      else if (work !== undefined) await this.#step(work);
      else break;
    }
    this.#running = false;
  }

  /** Looks whether it is still the list that was there before, and what of it is to be done. */
  async #consult(): Promise<void> {
    const { state, events, limit } = this.#options;
    this.#unseen = false;
    const done = await this.#attempt(async () => {
      const list = await this.#list.recall();
      if (state.born !== undefined && list?.born !== state.born) {
        const keys = await this.#held;
        // Changes that were made lately come back first, deletions among them.
        events.publish({ type: 'redis.emptied', since: state.lostAt });
        this.#plan('restoring', keys);
      } else if (!state.consulted && list !== undefined) {
        this.#plan(
          'reading',
          list.keys.slice(0, limit).map(([key]) => key),
        );
      }
      if (state.work?.phase !== 'restoring') this.#release();
      state.consulted = true;
      state.born = list?.born;
    });
    if (!done) {
      this.#unseen = true;
      await this.#pause(RETRY);
    } else if (state.born === undefined) {
      await this.#attempt(async () => {
        state.born = (await this.#list.begin()).born;
      });
    }
  }

  async #save(): Promise<void> {
    this.#unsaved = false;
    await this.#attempt(() => this.#list.save());
  }

  #plan(phase: WarmingPhase, keys: readonly string[]): void {
    if (keys.length === 0) return;
    const work: Work = { phase, keys, done: 0, warmed: 0 };
    this.#state.work = work;
    this.#tell(work);
  }

  async #step(work: Work): Promise<void> {
    const { rate, cache } = this.#options;
    const size = Math.max(1, Math.min(BATCH, Math.ceil(rate / STEPS)));
    const keys = work.keys.slice(work.done, work.done + size);
    const message: WarmingMessage =
      work.phase === 'reading' ? { type: 'cache.prefetch', keys } : { type: 'cache.restore', keys };
    let answer: Warmed = { taken: false, warmed: 0 };
    await this.#attempt(async () => {
      answer = await cache.ask<Warmed>(message, { deadline: Infinity });
    });
    // Another incarnation may be at it already.
    if (this.#stopped) return;
    if (answer.taken) this.#took(work, keys.length, answer.warmed);
    await this.#pause(answer.taken ? (1_000 * keys.length) / rate : RETRY);
  }

  #took(work: Work, count: number, warmed: number): void {
    const state = this.#state;
    work.done += count;
    work.warmed += warmed;
    state.warmed[work.phase] += warmed;
    if (work.done === work.keys.length && state.work === work) {
      state.work = undefined;
      if (work.phase === 'restoring') this.#release();
    }
    this.#tell(work);
  }

  #release(): void {
    const message: WarmingMessage = { type: 'cache.release' };
    this.#options.cache.ask(message).catch(() => {});
  }

  #tell({ phase, keys, done, warmed }: Work): void {
    this.#options.events.publish({ type: 'warmup.progress', phase, done, total: keys.length, warmed });
  }

  /** Whether it succeeded. That Redis, or another actor, did not answer is nothing to crash for. */
  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!isUnderstudyError(error)) throw error;
      this.#context.logger.debug({ err: error }, 'the warmer was not answered');
      return false;
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#pausing = this.#context.clock.setTimeout(resolve, Math.ceil(milliseconds));
    });
  }
}
