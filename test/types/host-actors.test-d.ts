import { expectTypeOf, test } from 'vitest';
import {
  type ActorContext,
  type ActorSpec,
  type CoreProtocol,
  createUnderstudy,
  defineActor,
  type Envelope,
  type MessageOf,
  type Protocol,
} from '../../src/index.ts';

type Clicks = Protocol<{
  'clicks.add': { request: { page: string }; reply: number };
  'clicks.reset': { request: object; reply: undefined };
}>;
type Pages = Protocol<{ 'pages.title': { request: { page: string }; reply: string } }>;

const clicks = defineActor<Clicks>({
  id: 'clicks',
  idempotent: ['clicks.reset'],
  start: (context) => {
    expectTypeOf(context).toEqualTypeOf<ActorContext<CoreProtocol & Clicks>>();
    return {
      receive: (envelope) => {
        expectTypeOf(envelope).toEqualTypeOf<Envelope<MessageOf<Clicks>>>();
        if (envelope.message.type === 'clicks.add')
          expectTypeOf(envelope.message.page).toEqualTypeOf<string>();
      },
    };
  },
});
const pages = defineActor<Pages, Clicks>({
  id: 'pages',
  start: ({ ask, send }) => ({
    receive: () => {
      expectTypeOf(ask({ type: 'clicks.add', page: 'home' })).resolves.toEqualTypeOf<number>();
      expectTypeOf(ask({ type: 'cache.increment', key: 'a' })).resolves.toExtend<{ value: number }>();
      expectTypeOf(ask({ type: 'pages.title', page: 'home' })).resolves.toEqualTypeOf<string>();
      send({ type: 'cache.delete', key: 'a' });
      // @ts-expect-error It does not know this actor.
      send({ type: 'nobody.home' });
      // @ts-expect-error Clicks are on pages.
      send({ type: 'clicks.add' });
    },
  }),
});

test('a spec remembers its protocol', () => {
  expectTypeOf(clicks).toEqualTypeOf<ActorSpec<Clicks>>();
});

test('a system understands its actors, its own and those of the host', async () => {
  const understudy = await createUnderstudy({ actors: [clicks, pages] });
  expectTypeOf(understudy.ask({ type: 'clicks.add', page: 'home' })).resolves.toEqualTypeOf<number>();
  expectTypeOf(understudy.ask({ type: 'clicks.reset' })).resolves.toEqualTypeOf<undefined>();
  expectTypeOf(understudy.ask({ type: 'pages.title', page: 'home' })).resolves.toEqualTypeOf<string>();
  expectTypeOf(understudy.ask({ type: 'cache.has', key: 'a' })).resolves.toEqualTypeOf<boolean>();
  understudy.send({ type: 'clicks.reset' });
  // @ts-expect-error Clicks are on pages.
  void understudy.ask({ type: 'clicks.add' });
  // @ts-expect-error There is no such verb.
  void understudy.ask({ type: 'clicks.remove', page: 'home' });
});

test('a system without an actor does not understand it', async () => {
  const understudy = await createUnderstudy({ actors: [clicks] });
  // @ts-expect-error This actor is not in the system.
  void understudy.ask({ type: 'pages.title', page: 'home' });
  const plain = await createUnderstudy();
  // @ts-expect-error Nor is this one.
  plain.send({ type: 'clicks.reset' });
});

test('what cannot be an actor is refused', () => {
  // @ts-expect-error An actor needs an id.
  defineActor<Clicks>({ start: () => ({ receive: () => {} }) });
  // @ts-expect-error And something to start.
  defineActor<Clicks>({ id: 'clicks' });
  // @ts-expect-error A behaviour receives.
  defineActor<Clicks>({ id: 'clicks', start: () => ({ drain: () => {} }) });
  // @ts-expect-error Only what it understands can be repeated.
  defineActor<Clicks>({ id: 'clicks', idempotent: ['clicks.remove'], start: () => ({ receive: () => {} }) });
  // @ts-expect-error There is no such way to be restarted.
  defineActor<Clicks>({ id: 'clicks', restart: 'often', start: () => ({ receive: () => {} }) });
});
