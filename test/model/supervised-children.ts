import type { Crash } from '../../src/runtime/behaviour.ts';
import type { ChildSpec, Strategy } from '../../src/runtime/child-spec.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';
import { TreeUnderTest } from '../supervisor/tree-under-test.ts';
import { agree } from './agree.ts';
import type { Question } from './mailbox-model.ts';
import { BACKOFF, LIMITS, SHUTDOWN, type SupervisorModel } from './supervisor-model.ts';

/** A child as the test sees it, across its incarnations. */
class Child {
  starts = 0;
  alive = 0;
  failsNextStart = false;
  crash: Crash = () => {};
  /** That of the incarnation before. */
  crashLate: Crash = () => {};
  /** What its incarnation holds. */
  held: Envelope[] = [];
  finishDraining: () => void = () => {};
  readonly told: (readonly unknown[])[] = [];
}

/** The supervisor and the children that are to do what the model does. */
export class SupervisedChildren {
  readonly tree: TreeUnderTest;
  readonly #children = new Map<string, Child>();
  readonly #journal: string[] = [];

  constructor(strategy: Strategy, model: SupervisorModel) {
    const specs = model.children.map(({ id, restart, slow, witness }): ChildSpec => {
      const child = new Child();
      this.#children.set(id, child);
      const idempotent = [`${id}.hold`];
      return { id, restart, witness, idempotent, shutdown: SHUTDOWN, start: this.#start(id, child, slow) };
    });
    this.tree = new TreeUnderTest(specs, { strategy, limits: LIMITS, backoff: BACKOFF });
  }

  /** Also from outside of a delivery, as a callback of its own would. */
  crash(id: string, outside: boolean): void {
    if (outside) this.#child(id).crash(new Error(`${id} crashes`));
    else this.tree.ref(id).send({ type: `${id}.crash` });
  }

  /** An incarnation that is gone fails once more. */
  crashLate(id: string): void {
    this.#child(id).crashLate(new Error(`${id} crashed before`));
  }

  ask(id: string, question: Question): void {
    const told: unknown[] = [];
    this.#child(id).told.push(told);
    const failed = (error: unknown): void => void told.push(isUnderstudyError(error) ? error.code : error);
    const answered = (reply: number): void => void told.push(reply);
    this.tree.ref(id).post({ type: `${id}.${question}` }, answered, failed, { deadline: Infinity });
  }

  release(id: string): void {
    const child = this.#child(id);
    for (const envelope of child.held.splice(0)) envelope.reply(child.starts);
  }

  failNextStart(id: string): void {
    this.#child(id).failsNextStart = true;
  }

  finishDraining(id: string): void {
    this.#child(id).finishDraining();
  }

  /** Everything that can be seen of it is as the model has it. */
  agreesWith(model: SupervisorModel): void {
    agree(this.tree.failures, []);
    agree(this.tree.state, model.state);
    agree(this.#journal, model.journal);
    for (const [at, { id, state, starts, alive, mailbox }] of model.children.entries()) {
      const child = this.#child(id);
      const told = mailbox.asked.map((asked) => asked.told);
      agree(child.told, told);
      // Neither two incarnations of one actor at a time, nor one that was forgotten.
      agree([child.starts, child.alive], [starts, alive ? 1 : 0]);
      const restarts = starts - 1;
      // The request to finish what is under way waits for its answer like all others.
      const depth = mailbox.depth + (model.draining?.id === id ? 1 : 0);
      const report = this.tree.children[at]?.report();
      agree([report?.id, report?.state, report?.restarts, report?.depth], [id, state, restarts, depth]);
    }
  }

  #start(id: string, child: Child, slow: boolean): ChildSpec['start'] {
    return ({ crash }) => {
      child.starts++;
      if (child.failsNextStart) {
        child.failsNextStart = false;
        throw new Error(`${id} fails to start`);
      }
      this.#journal.push(`start ${id}`);
      child.alive++;
      child.crashLate = child.crash;
      child.crash = crash;
      child.held = [];
      const incarnation = child.starts;
      return {
        receive: (envelope: Envelope) => {
          if (envelope.type === `${id}.crash`) throw new Error(`${id} crashes`);
          if (envelope.type === `${id}.who`) envelope.reply(incarnation);
          else child.held.push(envelope);
        },
        drain: () =>
          new Promise<void>((resolve) => {
            if (slow) child.finishDraining = resolve;
            else resolve();
          }),
        stop: () => {
          this.#journal.push(`stop ${id}`);
          child.alive--;
        },
      };
    };
  }

  #child(id: string): Child {
    const child = this.#children.get(id);
    if (child === undefined) throw new Error(`no child ${id}`);
    return child;
  }
}
