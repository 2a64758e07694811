import { expect, test } from 'vitest';
import { settled } from '../../src/testing/settled.ts';
import { mortal, TreeUnderTest } from './tree-under-test.ts';

const LIMITS = { intensity: 2, period: 1_000 };

async function spent() {
  const journal: string[] = [];
  const specs = [mortal('a', journal), mortal('b', journal, { idempotent: ['b.hang'] })];
  const under = await new TreeUnderTest(specs, { limits: LIMITS }).start();
  const held = [under.ask('b.hang'), under.ask('b.hang')].map((asked) =>
    asked.catch((error: unknown) => error),
  );
  for (let count = 0; count < 3; count++) {
    under.ref('a').send({ type: 'a.crash' });
    await under.clock.advance(60);
  }
  return { under, journal, held };
}

test('past the budget it gives up, and says so', async () => {
  const { under, journal } = await spent();
  expect([under.state, under.states]).toEqual(['failed', ['down', 'down']]);
  expect(under.happened('actor.escalated')).toEqual([
    { type: 'actor.escalated', actor: 'a', error: 'a was told to crash' },
  ]);
  expect(under.happened('actor.restarted')).toHaveLength(2);
  expect(journal.filter((entry) => entry.startsWith('stop'))).toEqual([
    'stop a',
    'stop a',
    'stop a',
    'stop b',
  ]);
  expect(under.failures).toEqual([]);
});

test('whoever asks then or was waiting is told that the actor is unavailable, and why', async () => {
  const { under, held } = await spent();
  for (const error of await Promise.all(held)) expect(error).toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
  await expect(under.ask('a.who')).rejects.toMatchObject({
    code: 'ACTOR_UNAVAILABLE',
    message: expect.stringContaining('a was told to crash'),
  });
  await expect(under.ask('b.who')).rejects.toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
  under.ref('b').send({ type: 'b.told' });
  expect(under.buried).toEqual([['b.told', 'ACTOR_UNAVAILABLE']]);
});

test('it stays failed: nothing comes back, no timer is left, and it can be stopped', async () => {
  const { under, journal } = await spent();
  const before = journal.length;
  await under.clock.advance(60_000);
  expect([journal.length, under.state, under.clock.pending]).toEqual([before, 'failed', 0]);
  await under.stop();
  expect(under.state).toBe('stopped');
});

test('the budget is a sliding window: crashes that are far enough apart never spend it', async () => {
  const under = await new TreeUnderTest([mortal('a', [])], { limits: LIMITS }).start();
  for (let count = 0; count < 20; count++) {
    under.ref('a').send({ type: 'a.crash' });
    await under.clock.advance(600);
  }
  expect([under.state, under.happened('actor.restarted').length]).toEqual(['running', 20]);
});

test('a child that crashes in every start spends the budget and not the stack', async () => {
  let starts = 0;
  const under = await new TreeUnderTest(
    [
      {
        id: 'a',
        start: () => {
          starts++;
          throw new Error('cannot start');
        },
      },
      mortal('b', []),
    ],
    { limits: { intensity: 50, period: 60_000 }, backoff: { min: 1, max: 10 } },
  ).start();
  await under.clock.advance(10_000);
  expect([starts, under.state]).toEqual([51, 'failed']);
});

test('a child that crashes in its first start only comes up', async () => {
  let starts = 0;
  const under = await new TreeUnderTest([
    mortal('before', []),
    {
      id: 'a',
      start: () => {
        if (++starts === 1) throw new Error('not yet');
        return { receive: (envelope) => envelope.reply(starts) };
      },
    },
    mortal('after', []),
  ]).start();
  const asked = under.ask('a.who');
  await under.clock.advance(10);
  expect(await asked).toBe(2);
  expect([under.states, under.state]).toEqual([['up', 'up', 'up'], 'running']);
});

test('an actor that is no actor is a crash of that actor', async () => {
  const under = await new TreeUnderTest([{ id: 'a', start: () => JSON.parse('null') }], {
    limits: LIMITS,
  }).start();
  await under.clock.advance(10_000);
  await settled();
  expect([under.state, under.failures]).toEqual(['failed', []]);
});
