import { assert } from '@japa/assert';
import { test } from '@japa/runner';
import { Group, Suite, Test, TestContext } from '@japa/runner/core';
import { runner } from '@japa/runner/factories';

/** What a suite for japa registers its tests with. */
interface Registrar {
  readonly test: typeof test;
  readonly group: Group;
}

export interface Outcome {
  readonly title: string;
  readonly errors: readonly Error[];
}

/** Runs a suite that is written for japa on japa, in this process, and tells how each of its tests ended. */
export async function runOnJapa(name: string, register: (registrar: Registrar) => void): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const around: Error[] = [];
  const japa = runner().configure({
    files: [],
    plugins: [assert()],
    reporters: { activated: ['outcomes'], list: [{ name: 'outcomes', handler: () => {} }] },
  });
  await japa.runSuites((emitter, refiner) => {
    emitter.on('test:end', ({ title, errors }) => {
      outcomes.push({ title: title.expanded, errors: errors.map(({ error }) => error) });
    });
    emitter.on('group:end', ({ errors }) => {
      around.push(...errors.map(({ error }) => error));
    });
    const group = new Group(name, emitter, refiner);
    const registered = (title: string, run?: Parameters<typeof test>[1]): Test<undefined> => {
      const made = new Test<undefined>(title, (it) => new TestContext(it), emitter, refiner, group);
      if (run !== undefined) made.run(run);
      group.add(made);
      return made;
    };
    register({ test: Object.assign(registered, { group: test.group, macro: test.macro }), group });
    const suite = new Suite(name, emitter, refiner);
    suite.add(group);
    return [suite];
  });
  if (around.length > 0) throw new AggregateError(around, `${name}: what is around the tests failed`);
  return outcomes;
}
