import type { Understudy } from '../../src/system/understudy.ts';
import type { Call } from './call.ts';
import { KeyModel } from './key-model.ts';

const VALUE_LENGTH = 200;

/** A value that says which write it comes from. */
interface Numbered {
  readonly number: number;
  readonly text: string;
}

function numbered(number: number): Numbered {
  return { number, text: 'x'.repeat(VALUE_LENGTH) };
}

/** Makes calls, and knows of every key what was last accepted: a call that finds anything else is marked as stale. */
export class CheckedCalls {
  readonly model: KeyModel;
  readonly #understudy: Understudy;

  constructor(understudy: Understudy, keys: number) {
    this.#understudy = understudy;
    this.model = new KeyModel(Array.from({ length: keys }, (_, at) => `key-${at}`));
  }

  /** Writes every key once, so that memory and Redis know them all. */
  async seed(): Promise<void> {
    const taken = this.model.keys.map((_, at) => this.model.take(at));
    await this.#understudy.cache.setMany(taken.map(({ key, number }) => [key, numbered(number)] as const));
    for (const { key, number } of taken) this.model.accept(key, number);
  }

  /** Makes the call to the key at a place, or to the next one that may be changed, and notes how it was answered. */
  perform(call: Call, place: number): Promise<void> {
    switch (call.operation) {
      case 'get':
        return this.#get(call, this.model.keys[place] ?? '');
      case 'set':
        return this.#set(call, place);
      case 'delete':
        return this.#delete(call, place);
      case 'getOrSet':
        return this.#getOrSet(call, place);
    }
  }

  async #get(call: Call, key: string): Promise<void> {
    const expectation = this.model.expect(key);
    const found = await this.#understudy.cache.find<Numbered>(key);
    Object.assign(call, { tier: found.tier, degraded: found.degraded });
    const { binding, accepted } = expectation();
    call.stale = binding && (found.found ? found.value.number : undefined) !== accepted;
  }

  async #set(call: Call, place: number): Promise<void> {
    const { key, number } = this.model.take(place);
    const { tier, degraded } = await this.#understudy.cache.set(key, numbered(number));
    this.model.accept(key, number);
    Object.assign(call, { tier, degraded });
  }

  async #delete(call: Call, place: number): Promise<void> {
    const { key } = this.model.take(place);
    const { tier, degraded } = await this.#understudy.ask({ type: 'cache.delete', key });
    this.model.accept(key, undefined);
    Object.assign(call, { tier, degraded });
  }

  async #getOrSet(call: Call, place: number): Promise<void> {
    const { key, number } = this.model.take(place);
    let loads = 0;
    const value = await this.#understudy.cache.getOrSet(key, () => {
      loads++;
      return numbered(number);
    });
    const accepted = this.model.accepted(key);
    call.stale = value.number !== (accepted ?? number) || loads !== (accepted === undefined ? 1 : 0);
    if (loads > 0) this.model.accept(key, number);
    else this.model.release(key);
  }
}
