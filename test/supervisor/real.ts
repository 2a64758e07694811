import { expect } from 'vitest';
import type { Strategy } from '../../src/runtime/child-spec.ts';
import { BACKOFF, LIMITS, type Model } from './model.ts';
import { TreeUnderTest } from './tree-under-test.ts';

/** The supervisor that is to do what the model does. */
export class Real {
  readonly tree: TreeUnderTest;
  readonly starts = new Map<string, number>();
  readonly #alive = new Map<string, number>();
  readonly #failing = new Set<string>();

  constructor(strategy: Strategy, model: Model) {
    const specs = model.children.map(({ id, restart }) => ({
      id,
      restart,
      start: () => {
        const count = (this.starts.get(id) ?? 0) + 1;
        this.starts.set(id, count);
        if (this.#failing.delete(id)) throw new Error(`${id} fails to start`);
        this.#alive.set(id, (this.#alive.get(id) ?? 0) + 1);
        return {
          receive: (envelope: { type: string; reply(value: unknown): void }) => {
            if (envelope.type === `${id}.crash`) throw new Error(`${id} crashes`);
            envelope.reply(count);
          },
          stop: () => this.#alive.set(id, (this.#alive.get(id) ?? 0) - 1),
        };
      },
    }));
    this.tree = new TreeUnderTest(specs, { strategy, limits: LIMITS, backoff: BACKOFF });
  }

  failNextStart(id: string): void {
    this.#failing.add(id);
  }

  /** Everything that can be seen of it is as the model has it. */
  agreesWith(model: Model): void {
    const seen = this.tree.children.map((child) => child.report());
    expect(seen.map(({ id, state, restarts }) => ({ id, state, starts: restarts + 1 }))).toEqual(
      model.children.map(({ id, state, starts }) => ({ id, state, starts })),
    );
    expect(this.tree.state).toBe(model.state);
    expect(this.tree.failures).toEqual([]);
    for (const { id, state, starts } of model.children) {
      expect(this.starts.get(id)).toBe(starts);
      // Neither two incarnations of one actor at a time, nor one that was forgotten.
      expect(this.#alive.get(id) ?? 0).toBe(state === 'up' ? 1 : 0);
    }
  }
}
