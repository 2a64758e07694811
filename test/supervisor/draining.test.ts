import { expect, test } from 'vitest';
import { createMachine } from 'xstate';
import type { ChildSpec } from '../../src/runtime/child-spec.ts';
import { settled } from '../../src/testing/settled.ts';
import { mortal, TreeUnderTest } from './tree-under-test.ts';

/** An actor whose draining ends when the test says so, if ever. */
function slow(id: string, journal: string[], shutdown: number): ChildSpec & { finish(): void } {
  let finish = (): void => {};
  return {
    id,
    shutdown,
    finish: () => finish(),
    start: () => ({
      receive: () => {},
      drain: () => {
        journal.push(`drain ${id}`);
        return new Promise<void>((resolve) => {
          finish = resolve;
        });
      },
      stop: () => void journal.push(`stop ${id}`),
    }),
  };
}

test('children are drained and stopped one after the other, the last started first', async () => {
  const journal: string[] = [];
  const under = await new TreeUnderTest(['a', 'b', 'c'].map((id) => mortal(id, journal))).start();
  journal.length = 0;
  await under.stop();
  expect(journal).toEqual(['drain c', 'stop c', 'drain b', 'stop b', 'drain a', 'stop a']);
  expect(under.events.slice(-2)).toEqual([
    { type: 'system.changed', state: 'draining' },
    { type: 'system.changed', state: 'stopped' },
  ]);
  expect(under.clock.pending).toBe(0);
});

test('the next is drained when the one before has finished', async () => {
  const journal: string[] = [];
  const last = slow('b', journal, 60_000);
  const under = await new TreeUnderTest([mortal('a', journal), last]).start();
  journal.length = 0;
  const stopped = under.stop();
  await under.clock.advance(30_000);
  expect([journal, under.state]).toEqual([['drain b'], 'draining']);
  last.finish();
  await stopped;
  expect(journal).toEqual(['drain b', 'stop b', 'drain a', 'stop a']);
});

test('one that does not finish is stopped when its time is over', async () => {
  const journal: string[] = [];
  const under = await new TreeUnderTest([mortal('a', journal), slow('b', journal, 2_000)]).start();
  journal.length = 0;
  const stopped = under.stop();
  await under.clock.advance(1_950);
  expect(journal).toEqual(['drain b']);
  await under.clock.advance(50);
  await stopped;
  expect(journal).toEqual(['drain b', 'stop b', 'drain a', 'stop a']);
});

test('a shutdown of 0 is a stop without draining', async () => {
  const journal: string[] = [];
  const under = await new TreeUnderTest([mortal('a', journal, { shutdown: 0 })]).start();
  await under.stop();
  expect(journal).toEqual(['start a', 'stop a']);
});

test('a draining actor refuses what is new, and those that are drained later still serve it', async () => {
  const journal: string[] = [];
  const last = slow('b', journal, 60_000);
  const under = await new TreeUnderTest([mortal('a', journal), last]).start();
  const stopped = under.stop();
  await settled();
  await expect(under.ask('b.who')).rejects.toMatchObject({ code: 'STOPPING' });
  expect(await under.ask('a.who')).toBe(1);
  last.finish();
  await stopped;
  await expect(under.ask('a.who')).rejects.toMatchObject({ code: 'STOPPING' });
  under.ref('a').send({ type: 'a.told' });
  expect(under.buried).toEqual([['a.told', 'STOPPING']]);
});

test('what is still unanswered when an actor is stopped is told so', async () => {
  const under = await new TreeUnderTest([mortal('a', [])]).start();
  const held = under.ask('a.hang');
  await Promise.all([expect(held).rejects.toMatchObject({ code: 'STOPPING' }), under.stop()]);
});

test.each(['a.crash', 'a.crash-later'])(
  'an actor that crashes (%s) while the system stops is not restarted and holds up nobody',
  async (type) => {
    const journal: string[] = [];
    const last = slow('b', journal, 60_000);
    const specs = [mortal('a', journal, { idempotent: ['a.hang'] }), last];
    const under = await new TreeUnderTest(specs).start();
    const held = under.ask('a.hang').catch((error: unknown) => error);
    const stopped = under.stop();
    await settled();
    under.ref('a').send({ type });
    await settled();
    expect(await held).toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
    last.finish();
    await stopped;
    expect(journal).toEqual(['start a', 'drain b', 'stop a', 'stop b']);
    expect([under.state, under.failures]).toEqual(['stopped', []]);
  },
);

test('an actor that crashes while it drains is drained', async () => {
  const under = await new TreeUnderTest([
    {
      id: 'a',
      shutdown: 60_000,
      start: ({ crash }) => ({
        receive: () => {},
        drain: () => new Promise<void>(() => setImmediate(() => crash(new Error('in the middle of it')))),
      }),
    },
  ]).start();
  await under.stop();
  expect([under.state, under.clock.monotonic()]).toEqual(['stopped', 0]);
});

test('a restart that was due does not happen any more, and its timer is gone', async () => {
  const journal: string[] = [];
  const under = await new TreeUnderTest([mortal('a', journal)]).start();
  for (let count = 0; count < 2; count++) {
    under.ref('a').send({ type: 'a.crash' });
    await under.clock.advance(count === 0 ? 1 : 0);
  }
  expect([under.states, under.clock.pending]).toEqual([['restarting'], 1]);
  const waiting = under.ask('a.who').catch((error: unknown) => error);
  await under.stop();
  expect(await waiting).toMatchObject({ code: 'STOPPING' });
  expect(under.clock.pending).toBe(0);
  await under.clock.advance(10_000);
  expect(journal.filter((entry) => entry === 'start a')).toHaveLength(2);
});

test('stopped without draining, it still leaves nobody waiting and no timer', async () => {
  const under = await new TreeUnderTest([mortal('a', []), slow('b', [], 60_000)]).start();
  const held = under.ask('a.hang').catch((error: unknown) => error);
  void under.stop();
  await settled();
  under.root.stop();
  expect(await held).toMatchObject({ code: 'STOPPING' });
  await settled();
  expect([under.clock.pending, under.states]).toEqual([0, ['down', 'down']]);
  await expect(under.ask('a.who')).rejects.toMatchObject({ code: 'STOPPING' });
});

test('xstate logic is asked to drain by an envelope that it may answer', async () => {
  const seen: string[] = [];
  const machine = createMachine({
    on: {
      'system.drain': {
        actions: ({ event }) => {
          seen.push(event.type);
          event.reply();
        },
      },
    },
  });
  const under = await new TreeUnderTest([{ id: 'a', shutdown: 60_000, start: () => machine }]).start();
  await under.stop();
  expect([seen, under.clock.monotonic()]).toEqual([['system.drain'], 0]);
});
