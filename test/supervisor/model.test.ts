import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Restart, Strategy } from '../../src/runtime/child-spec.ts';
import { settled } from '../clock/virtual-clock.ts';
import { Model } from './model.ts';
import { Real } from './real.ts';

type Command = fc.AsyncCommand<Model, Real>;

class Crash implements Command {
  readonly #id: string;

  constructor(at: number) {
    this.#id = `child-${at}`;
  }

  check = (model: Readonly<Model>): boolean =>
    model.children.some(({ id, state }) => id === this.#id && state === 'up');

  async run(model: Model, real: Real): Promise<void> {
    model.crash(this.#id);
    real.tree.ref(this.#id).send({ type: `${this.#id}.crash` });
    await settled();
    real.agreesWith(model);
  }

  toString = (): string => `crash ${this.#id}`;
}

class FailNextStart implements Command {
  readonly #id: string;

  constructor(at: number) {
    this.#id = `child-${at}`;
  }

  check = (model: Readonly<Model>): boolean => model.children.some(({ id }) => id === this.#id);

  async run(model: Model, real: Real): Promise<void> {
    model.child(this.#id).failsNextStart = true;
    real.failNextStart(this.#id);
  }

  toString = (): string => `fail the next start of ${this.#id}`;
}

class Advance implements Command {
  readonly #milliseconds: number;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  check = (): boolean => true;

  async run(model: Model, real: Real): Promise<void> {
    model.advance(this.#milliseconds);
    await real.tree.clock.advance(this.#milliseconds);
    real.agreesWith(model);
  }

  toString = (): string => `advance ${this.#milliseconds} ms`;
}

class Ask implements Command {
  readonly #id: string;

  constructor(at: number) {
    this.#id = `child-${at}`;
  }

  check = (model: Readonly<Model>): boolean =>
    model.children.some(({ id, state }) => id === this.#id && state !== 'restarting');

  async run(model: Model, real: Real): Promise<void> {
    const { state, starts } = model.child(this.#id);
    const asked = real.tree.ask(`${this.#id}.who`);
    if (state === 'up') expect(await asked).toBe(starts);
    else await expect(asked).rejects.toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
  }

  toString = (): string => `ask ${this.#id}`;
}

const at = fc.nat(3);
const commands = fc.commands(
  [
    at.map((child) => new Crash(child)),
    at.map((child) => new Crash(child)),
    at.map((child) => new FailNextStart(child)),
    at.map((child) => new Ask(child)),
    fc.constantFrom(0, 1, 40, 75, 150, 400, 1_000, 3_500).map((time) => new Advance(time)),
  ],
  { maxCommands: 25, size: 'max' },
);

const restarts = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant<Restart>('permanent') },
    { weight: 1, arbitrary: fc.constantFrom<Restart>('transient', 'temporary') },
  ),
  { minLength: 1, maxLength: 4 },
);

test.each<Strategy>(['one-for-one', 'one-for-all', 'rest-for-one'])(
  '%s: whatever crashes whenever, the supervisor does what its model does, and stops clean',
  async (strategy) => {
    await fc.assert(
      fc.asyncProperty(restarts, commands, async (kinds, steps) => {
        const model = new Model(strategy, kinds);
        const real = new Real(strategy, model);
        await real.tree.start();
        real.agreesWith(model);
        await fc.asyncModelRun(() => ({ model, real }), steps);
        await real.tree.stop();
        for (const child of model.children) child.state = 'down';
        expect(real.tree.states).toEqual(model.children.map(() => 'down'));
        expect(real.tree.clock.pending).toBe(0);
        expect(real.tree.state).toBe('stopped');
      }),
      { numRuns: 400 },
    );
  },
);
