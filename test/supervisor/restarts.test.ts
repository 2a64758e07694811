import { expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { settled } from '../../src/testing/settled.ts';
import { mortal, TreeUnderTest } from './tree-under-test.ts';

async function lone(options: ConstructorParameters<typeof TreeUnderTest>[1] = {}, rest: object = {}) {
  const journal: string[] = [];
  const under = await new TreeUnderTest([mortal('a', journal, rest), mortal('other', [])], options).start();
  const crash = async (): Promise<void> => {
    under.ref('a').send({ type: 'a.crash' });
    await settled();
  };
  /** Milliseconds until the actor is back. */
  const back = async (): Promise<number> => {
    const from = under.clock.monotonic();
    while (under.states[0] !== 'up') await under.clock.advance(1);
    return under.clock.monotonic() - from;
  };
  return { under, journal, crash, back };
}

test('the first restart is immediate, later ones back off with jitter', async () => {
  const drawn = [0, 0.5, 0.999];
  const { crash, back } = await lone({ random: () => drawn.shift() ?? 0 });
  const waits: number[] = [];
  for (let count = 0; count < 4; count++) {
    await crash();
    waits.push(await back());
  }
  // An attempt below 1 ms is a turn of its own: virtual time may have been asked for one step.
  expect(waits[0]).toBeLessThanOrEqual(1);
  // Of steps of 100, 200 and 400 ms half is certain, the rest drawn.
  expect(waits.slice(1)).toEqual([50, 150, 400]);
});

test('an actor that has been stable for a period is restarted at once again', async () => {
  const { under, crash, back } = await lone();
  for (let count = 0; count < 3; count++) {
    await crash();
    await back();
  }
  await under.clock.advance(10_000);
  await crash();
  expect(await back()).toBeLessThanOrEqual(1);
});

test('while an actor is restarting the system is degraded, and its mail waits for it', async () => {
  const { under, crash, back } = await lone();
  await crash();
  await back();
  await crash();
  expect([under.states[0], under.state]).toEqual(['restarting', 'degraded']);
  const asked = under.ask('a.who');
  await back();
  expect([await asked, under.state]).toEqual([3, 'running']);
});

test('the crash is told: who, why, and that it is back, how often', async () => {
  const { under, crash, back } = await lone();
  await crash();
  await back();
  expect(under.happened('actor.crashed')).toEqual([
    { type: 'actor.crashed', actor: 'a', error: 'a was told to crash' },
  ]);
  expect(under.happened('actor.restarted')).toEqual([{ type: 'actor.restarted', actor: 'a', restarts: 1 }]);
  expect(under.children[0]?.report()).toMatchObject({
    id: 'a',
    state: 'up',
    restarts: 1,
    lastError: 'a was told to crash',
    depth: 0,
  });
});

test('an actor that fails in a callback of its own is restarted too', async () => {
  const { under, journal } = await lone();
  under.ref('a').send({ type: 'a.crash-later' });
  await settled();
  await under.clock.advance(1);
  expect(journal).toEqual(['start a', 'stop a', 'start a']);
  expect(await under.ask('a.who')).toBe(2);
});

test('a late failure of an old incarnation does not end the present one', async () => {
  const { under, journal, crash, back } = await lone();
  under.ref('a').send({ type: 'a.crash-later' });
  under.ref('a').send({ type: 'a.crash' });
  await back();
  await settled();
  await under.clock.advance(1);
  expect(journal.filter((entry) => entry === 'start a')).toHaveLength(2);
  await crash();
  expect(under.happened('actor.crashed')).toHaveLength(2);
});

test('an actor that tells of its end and then throws has crashed once', async () => {
  let starts = 0;
  const under = await new TreeUnderTest([
    {
      id: 'a',
      start: ({ crash }) => {
        starts++;
        return {
          receive: () => {
            crash(new Error('told'));
            throw new Error('thrown');
          },
        };
      },
    },
  ]).start();
  under.ref('a').send({ type: 'a.any' });
  await under.clock.advance(5_000);
  expect([starts, under.happened('actor.crashed').length, under.state]).toEqual([2, 1, 'running']);
});

test('an actor that fails to stop is restarted all the same, once', async () => {
  let starts = 0;
  const under = await new TreeUnderTest([
    {
      id: 'a',
      start: ({ crash }) => {
        starts++;
        return {
          receive: () => setImmediate(() => crash(new Error('told'))),
          stop: () => {
            throw new Error('cannot stop');
          },
        };
      },
    },
  ]).start();
  under.ref('a').send({ type: 'a.any' });
  await settled();
  await under.clock.advance(5_000);
  expect([starts, under.happened('actor.crashed').length, under.state]).toEqual([2, 1, 'running']);
});

test.each([
  ['permanent', 'up', 2],
  ['transient', 'up', 2],
  ['temporary', 'down', 1],
] as const)('a %s actor that crashed is %s', async (restart, state, starts) => {
  const { under, journal, crash } = await lone({}, { restart });
  await crash();
  await under.clock.advance(1_000);
  expect([under.states[0], journal.filter((entry) => entry === 'start a').length]).toEqual([state, starts]);
});

test.each([
  ['permanent', 'up', 1],
  ['transient', 'down', 0],
  ['temporary', 'down', 0],
] as const)('a %s actor that ended in peace is %s', async (restart, state, crashes) => {
  let starts = 0;
  const ending = () => {
    starts++;
    return createMachine({
      initial: 'alive',
      states: { alive: { on: { 'a.end': 'over' } }, over: { type: 'final' } },
    });
  };
  const under = await new TreeUnderTest([{ id: 'a', restart, start: ending }]).start();
  under.ref('a').send({ type: 'a.end' });
  await under.clock.advance(1_000);
  expect(under.states).toEqual([state]);
  expect(under.happened('actor.crashed')).toHaveLength(crashes);
  expect([starts, under.state]).toEqual([1 + crashes, 'running']);
  if (state === 'down') await expect(under.ask('a.who')).rejects.toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
});

test('mail that crashes an actor as soon as it is back is given up, and told mail behind it is not lost', async () => {
  const received: string[] = [];
  const under = new TreeUnderTest([
    {
      id: 'a',
      idempotent: ['a.poison', 'a.read'],
      start: () => ({
        receive: (envelope) => {
          received.push(envelope.type);
          if (envelope.type === 'a.poison') throw new Error('poisoned');
          envelope.reply('fine');
        },
      }),
    },
  ]);
  const poison = under.ask('a.poison').catch((error: unknown) => error);
  const read = under.ask('a.read');
  under.ref('a').send({ type: 'a.told' });
  await under.start();
  await under.clock.advance(1_000);
  expect(await poison).toMatchObject({ code: 'ACTOR_CRASHED' });
  expect(await read).toBe('fine');
  expect(received).toEqual(['a.poison', 'a.read', 'a.told']);
  expect(under.happened('actor.crashed')).toHaveLength(1);
});

test('what an actor holds survives it where the system keeps it', async () => {
  const kept = new Map<string, number>();
  const under = await new TreeUnderTest([
    {
      id: 'a',
      start: () => ({
        receive: (envelope) => {
          if (envelope.type === 'a.crash') throw new Error('boom');
          kept.set('count', (kept.get('count') ?? 0) + 1);
          envelope.reply(kept.get('count'));
        },
      }),
    },
  ]).start();
  await under.ask('a.count');
  under.ref('a').send({ type: 'a.crash' });
  expect(await under.clock.advance(10).then(() => under.ask('a.count'))).toBe(2);
});
