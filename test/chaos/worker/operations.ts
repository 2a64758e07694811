import { setTimeout as delay } from 'node:timers/promises';
import type { Understudy } from '../../../src/index.ts';
import { now } from '../clock.ts';
import type { Answer, Call } from '../history/record.ts';
import { tagOf } from '../key-space.ts';
import type { Recorder } from './recorder.ts';

/** Makes the calls of one process and records them. */
export class Operations {
  readonly #understudy: Understudy;
  readonly #recorder: Recorder;

  constructor(understudy: Understudy, recorder: Recorder) {
    this.#understudy = understudy;
    this.#recorder = recorder;
  }

  /** One call, recorded. */
  make(call: Exclude<Call, { op: 'acquire' | 'fulfil' }>): Promise<Answer> {
    return this.#recorder.record(call, () => this.#perform(call));
  }

  /** `getOrSet` by the messages it consists of, so that it is known what became of the lease. */
  async getOrSet(key: string, load: () => string, milliseconds: number): Promise<void> {
    let lease: string | undefined;
    await this.#recorder.record({ op: 'acquire', key }, async () => {
      const answer = await this.#understudy.ask({ type: 'cache.acquire', key }, { deadline: 3_000 });
      if ('lease' in answer) lease = answer.lease;
      const { tier, degraded } = answer;
      return answer.found ? { read: [[key, answer.value]], tier, degraded } : { tier, degraded };
    });
    if (lease === undefined) return;
    const token = lease;
    const granted = now();
    const value = load();
    await delay(milliseconds);
    await this.#recorder.record({ op: 'fulfil', key, value, granted }, () =>
      this.#understudy.ask({ type: 'cache.fulfil', key, lease: token, value, tags: tagsOf(key) }),
    );
  }

  async #perform(call: Exclude<Call, { op: 'acquire' | 'fulfil' }>): Promise<Answer> {
    const { cache } = this.#understudy;
    switch (call.op) {
      case 'get':
        return { read: [[call.key, await cache.get(call.key)]] };
      case 'find': {
        const found = await cache.find(call.key);
        const { tier, degraded } = found;
        return { read: [[call.key, found.found ? found.value : undefined]], tier, degraded };
      }
      case 'getMany': {
        const found = await cache.getMany(call.keys);
        return { read: call.keys.map((key) => [key, found.get(key)]) };
      }
      case 'set':
        return cache.set(call.key, call.value, { tags: tagsOf(call.key) });
      case 'setMany':
        return cache.setMany(call.entries.map(([key, value]) => ({ key, value, tags: tagsOf(key) })));
      case 'delete':
        return this.#understudy.ask({ type: 'cache.delete', key: call.key });
      case 'touch':
        return this.#understudy.ask({ type: 'cache.touch', key: call.key, ttl: '1h' });
      case 'increment':
        return this.#understudy.ask({ type: 'cache.increment', key: call.key, by: call.by });
      case 'clear':
        if (tagOf(call.prefix) !== undefined) return cache.invalidateTags(call.prefix);
        return this.#understudy.ask({ type: 'cache.clear', prefix: call.prefix });
    }
  }
}

function tagsOf(key: string): string[] {
  const tag = tagOf(key);
  return tag === undefined ? [] : [tag];
}
