import { afterEach, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { createUnderstudy, defineActor, type Protocol, type SystemEvent } from '../../src/index.ts';
import { SuiteRedis } from './systems.ts';

type Visits = Protocol<{
  'visits.add': { request: { page: string }; reply: number };
  'visits.crash': { request: object; reply: never };
  'visits.incarnation': { request: object; reply: number };
}>;

const redis = new SuiteRedis();
const running: { stop(): Promise<void> }[] = [];
afterEach(() => Promise.all(running.splice(0).map((system) => system.stop())));

/** Counts visits of pages, keeping the counts in the cache. */
function visits(journal: string[] = []) {
  let incarnations = 0;
  return defineActor<Visits>({
    id: 'visits',
    start: (context) => {
      const incarnation = ++incarnations;
      return {
        receive: (envelope) => {
          const { message } = envelope;
          if (message.type === 'visits.crash') throw new Error('told to crash');
          if (message.type === 'visits.incarnation') {
            envelope.reply(incarnation);
            return;
          }
          context.ask({ type: 'cache.increment', key: `visits:${message.page}` }).then(
            ({ value }) => envelope.reply(value),
            (error) => envelope.fail(error),
          );
        },
        drain: async () => {
          const { durable } = await context.ask({ type: 'cache.set', key: 'drained', value: true });
          journal.push(`drained, durable: ${durable}`);
        },
        stop: () => void journal.push(`stopped ${incarnation}`),
      };
    },
  });
}

async function withVisits(journal?: string[]) {
  const understudy = await createUnderstudy({ ...redis.options, actors: [visits(journal)] });
  running.push(understudy);
  return understudy;
}

test('a host actor is asked by message, and asks the cache', async () => {
  const understudy = await withVisits();
  const counts: number[] = [];
  for (let count = 0; count < 3; count++)
    counts.push(await understudy.ask({ type: 'visits.add', page: 'home' }));
  expect(counts).toEqual([1, 2, 3]);
  expect(await understudy.cache.get('visits:home')).toBe(3);
});

test('what the cache refuses it can hand on', async () => {
  const understudy = await withVisits();
  await understudy.cache.set('visits:home', 'no number');
  await expect(understudy.ask({ type: 'visits.add', page: 'home' })).rejects.toMatchObject({
    code: 'NOT_A_NUMBER',
  });
});

test('it is supervised like the built-in ones: a crash is told, and it is back behind the same name', async () => {
  const journal: string[] = [];
  const understudy = await withVisits(journal);
  const events: SystemEvent[] = [];
  understudy.subscribe((event) => events.push(event));
  expect(await understudy.ask({ type: 'visits.incarnation' })).toBe(1);
  await expect(understudy.ask({ type: 'visits.crash' })).rejects.toMatchObject({ code: 'ACTOR_CRASHED' });
  expect(await understudy.ask({ type: 'visits.incarnation' })).toBe(2);
  expect(journal).toEqual(['stopped 1']);
  expect(events).toContainEqual({ type: 'actor.crashed', actor: 'visits', error: 'told to crash' });
  expect(events).toContainEqual({ type: 'actor.restarted', actor: 'visits', restarts: 1 });
  const { actors } = await understudy.health();
  expect(actors.at(-1)).toMatchObject({ id: 'visits', state: 'up', restarts: 1, lastError: 'told to crash' });
});

test('its crashes leave the cache alone', async () => {
  const understudy = await withVisits();
  const held = understudy.cache.getOrSet('a', async () => {
    understudy.send({ type: 'visits.crash' });
    return 'loaded';
  });
  expect(await held).toBe('loaded');
  const { actors } = await understudy.health();
  expect(actors.find(({ id }) => id === 'cache')).toMatchObject({ state: 'up', restarts: 0 });
});

test('when the system stops it is drained first, while the cache still serves', async () => {
  const journal: string[] = [];
  const understudy = await withVisits(journal);
  await understudy.stop();
  expect(journal).toEqual(['drained, durable: true', 'stopped 1']);
  expect(await redis.call('EXISTS', 'understudy:drained')).toBe(1);
});

test('host actors ask each other', async () => {
  type Pages = Protocol<{ 'pages.visit': { request: object; reply: number } }>;
  const pages = defineActor<Pages, Visits>({
    id: 'pages',
    start: ({ ask }) => ({
      receive: (envelope) => {
        ask({ type: 'visits.add', page: 'pages' }).then(
          (count) => envelope.reply(count),
          (error) => envelope.fail(error),
        );
      },
    }),
  });
  const understudy = await createUnderstudy({ actors: [visits(), pages] });
  running.push(understudy);
  expect(await understudy.ask({ type: 'pages.visit' })).toBe(1);
});

test('xstate logic is an actor, too', async () => {
  type Lamp = Protocol<{ 'lamp.toggle': { request: object; reply: string } }>;
  const lamp = defineActor<Lamp>({
    id: 'lamp',
    shutdown: 0,
    start: () =>
      createMachine({
        initial: 'off',
        states: {
          off: { on: { 'lamp.toggle': { target: 'on', actions: ({ event }) => event.reply('on') } } },
          on: { on: { 'lamp.toggle': { target: 'off', actions: ({ event }) => event.reply('off') } } },
        },
      }),
  });
  const understudy = await createUnderstudy({ actors: [lamp] });
  running.push(understudy);
  const seen = [await understudy.ask({ type: 'lamp.toggle' }), await understudy.ask({ type: 'lamp.toggle' })];
  expect(seen).toEqual(['on', 'off']);
});

test('a crash loop is escalated: the system says that it failed, and everybody is told instead of left waiting', async () => {
  const doomed = defineActor<Protocol<{ 'doomed.any': { request: object; reply: never } }>>({
    id: 'doomed',
    start: () => {
      throw new Error('never starts');
    },
  });
  const understudy = await createUnderstudy({
    actors: [doomed],
    supervisor: { intensity: 3, backoff: { min: 1, max: 2 } },
  });
  running.push(understudy);
  const asked = understudy.ask({ type: 'doomed.any' });
  await expect(asked).rejects.toMatchObject({
    code: 'ACTOR_UNAVAILABLE',
    message: expect.stringContaining('never starts'),
  });
  expect(understudy.state).toBe('failed');
  await expect(understudy.cache.get('a')).rejects.toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
});

test('health says that a failed system is unavailable', async () => {
  const doomed = defineActor({
    id: 'doomed',
    start: () => {
      throw new Error('never starts');
    },
  });
  const understudy = await createUnderstudy({ actors: [doomed], supervisor: { intensity: 0 } });
  running.push(understudy);
  await expect.poll(() => understudy.state).toBe('failed');
  expect(await understudy.health()).toMatchObject({ status: 'unavailable', ready: false, system: 'failed' });
});

test.each([
  ['no id', { start: () => ({ receive: () => {} }) }],
  ['a full stop in its id', { id: 'a.b', start: () => ({ receive: () => {} }) }],
  ['the name of a built-in actor', { id: 'cache', start: () => ({ receive: () => {} }) }],
  ['nothing to start', { id: 'a' }],
  ['an unknown restart', { id: 'a', start: () => ({ receive: () => {} }), restart: 'often' }],
  ['a negative shutdown', { id: 'a', start: () => ({ receive: () => {} }), shutdown: -1 }],
  ['no capacity', { id: 'a', start: () => ({ receive: () => {} }), capacity: 0 }],
  ['a misspelt option', { id: 'a', start: () => ({ receive: () => {} }), restarts: 'permanent' }],
  ['no definition', undefined],
])('an actor with %s is refused', (_name, definition) => {
  const define = defineActor as (definition: unknown) => unknown;
  expect(() => define(definition)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
});

test('all that is wrong with an actor is said at once', () => {
  const define = defineActor as (definition: unknown) => unknown;
  expect(() => define({ id: '', restart: 'often', shutdown: -1 })).toThrow(/id.*start.*restart.*shutdown/s);
});

test('two actors of one name are refused', async () => {
  await expect(createUnderstudy({ actors: [visits(), visits()] })).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
  });
});
