import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Strategy } from '../../src/runtime/child-spec.ts';
import { settled } from '../../src/testing/settled.ts';
import type { Question } from './mailbox-model.ts';
import { PATIENCE, runs } from './runs.ts';
import { SupervisedChildren } from './supervised-children.ts';
import { type Kind, SHUTDOWN, SupervisorModel } from './supervisor-model.ts';

type Command = fc.AsyncCommand<SupervisorModel, SupervisedChildren>;

/** While a child drains, time passes in steps of this: it is seen at the end of one that its time is over. */
const STEP = 40;
/** That may be early by a step, a slot of the timing wheel and its slack. */
const EARLY = STEP + 20;

function command(
  name: string,
  check: Command['check'],
  run: (model: SupervisorModel, real: SupervisedChildren) => unknown,
): Command {
  return {
    check,
    toString: () => name,
    run: async (model, real) => {
      await run(model, real);
      await settled();
      adoptDrained(model, real);
      real.agreesWith(model);
    },
  };
}

/** Within a few milliseconds before its time is over, a child may have been stopped already, or not. */
function adoptDrained(model: SupervisorModel, real: SupervisedChildren): void {
  for (let child = model.draining; child !== undefined; child = model.draining) {
    const at = model.children.indexOf(child);
    const over = real.tree.children[at]?.report().state === 'down';
    if (model.elapsed < SHUTDOWN - EARLY || (model.elapsed < SHUTDOWN && !over)) return;
    model.drained();
  }
}

const isUp =
  (id: string): Command['check'] =>
  (model) =>
    model.children.some((child) => child.id === id && child.state === 'up');

const child = fc.nat(3).map((at) => `child-${at}`);

/** What is being drained takes no message any more, and so none that crashes it. */
const canCrash =
  (id: string, outside: boolean): Command['check'] =>
  (model) =>
    isUp(id)(model) && (outside || model.draining?.id !== id);

const crashes = fc.tuple(child, fc.boolean()).map(([id, outside]) =>
  command(`crash ${id}${outside ? ' from outside' : ''}`, canCrash(id, outside), (model, real) => {
    model.crash(id);
    real.crash(id, outside);
  }),
);

const lateCrashes = child.map((id) =>
  command(`a former ${id} crashes`, isUp(id), (_, real) => real.crashLate(id)),
);

const exists =
  (id: string): Command['check'] =>
  (model) =>
    model.children.some((each) => each.id === id);

const failures = child.map((id) =>
  command(`fail the next start of ${id}`, exists(id), (model, real) => {
    model.child(id).failsNextStart = true;
    real.failNextStart(id);
  }),
);

const questions = fc
  .tuple(child, fc.constantFrom<Question>('who', 'hold', 'hold', 'hang'))
  .map(([id, question]) =>
    command(`ask ${id}.${question}`, exists(id), (model, real) => {
      model.child(id).mailbox.ask(question);
      real.ask(id, question);
    }),
  );

const releases = child.map((id) =>
  command(`answers of ${id}`, isUp(id), (model, real) => {
    model.child(id).mailbox.release();
    real.release(id);
  }),
);

const passes = fc.constantFrom(0, 1, 40, 75, 150, 400, 970, 3_500).map((milliseconds) =>
  command(
    `advance ${milliseconds} ms`,
    () => true,
    async (model, real) => {
      let left = milliseconds;
      do {
        const step = model.draining === undefined ? left : Math.min(left, STEP);
        model.advance(step);
        await real.tree.clock.advance(step);
        adoptDrained(model, real);
        left -= step;
      } while (left > 0);
    },
  ),
);

const isServing: Command['check'] = (model) => !['draining', 'stopped'].includes(model.state);

const stops = fc.constant(
  command('stop', isServing, (model, real) => {
    model.drain();
    real.tree.root.send({ type: 'supervisor.drain' });
  }),
);

const drains = fc.constant(
  command(
    'what is being drained has finished',
    (model) => model.draining !== undefined,
    (model, real) => {
      real.finishDraining(model.draining?.id ?? '');
      model.drained();
    },
  ),
);

const commands = fc.commands(
  [
    crashes,
    crashes,
    crashes,
    lateCrashes,
    failures,
    questions,
    questions,
    releases,
    passes,
    passes,
    passes,
    stops,
    drains,
  ],
  { maxCommands: 30, size: 'max' },
);

const kinds = fc.array(
  fc.record<Kind>({
    restart: fc.constantFrom('permanent', 'permanent', 'permanent', 'permanent', 'transient', 'temporary'),
    slow: fc.boolean(),
    witness: fc.constantFrom(false, false, false, true),
  }),
  { minLength: 1, maxLength: 4 },
);
const strategy = fc.constantFrom<Strategy>('one-for-one', 'one-for-all', 'rest-for-one');

test(
  'whatever crashes whenever, the supervisor does what its model does, and stops clean',
  async () => {
    await fc.assert(
      fc.asyncProperty(strategy, kinds, commands, async (how, children, steps) => {
        const model = new SupervisorModel(how, children);
        const real = new SupervisedChildren(how, model);
        await real.tree.start();
        real.agreesWith(model);
        await fc.asyncModelRun(() => ({ model, real }), steps);

        if (isServing(model)) {
          model.drain();
          real.tree.root.send({ type: 'supervisor.drain' });
          await settled();
        }
        for (let last = model.draining; last !== undefined; last = model.draining) {
          model.drained();
          real.finishDraining(last.id);
          await settled();
        }
        real.agreesWith(model);
        expect(model.state).toBe('stopped');
        expect(
          model.children.flatMap(({ mailbox }) => mailbox.asked).every(({ told }) => told.length === 1),
        ).toBe(true);
        // Nothing comes back.
        await real.tree.clock.advance(60_000);
        real.agreesWith(model);
        expect(real.tree.clock.pending).toBe(0);
      }),
      runs('the supervisor'),
    );
  },
  PATIENCE,
);
