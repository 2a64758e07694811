import { expectTypeOf, test } from 'vitest';
import { type BreakerState, defineActor, type Protocol } from '../../src/index.ts';
import { createTestUnderstudy, type FaultCode } from '../../src/testing/index.ts';

type Clicks = Protocol<{ 'clicks.add': { request: { page: string }; reply: number } }>;

const clicks = defineActor<Clicks>({ id: 'clicks', start: () => ({ receive: () => {} }) });

test('events are typed by their name, and so is what they are matched by', async () => {
  const { events } = await createTestUnderstudy();
  const changed = await events.next('breaker.changed', { state: 'open' });
  expectTypeOf(changed.state).toEqualTypeOf<BreakerState>();
  expectTypeOf(events.of('journal.replayed')[0]?.applied).toEqualTypeOf<number | undefined>();
  void events.next('breaker.changed', (event) => event.generation > 2);
  // @ts-expect-error No such event.
  void events.next('breaker.change');
  // @ts-expect-error No such state.
  void events.next('breaker.changed', { state: 'ajar' });
  // @ts-expect-error A field of another event.
  void events.next('breaker.changed', { applied: 1 });
});

test('the system under test understands its actors', async () => {
  const kit = await createTestUnderstudy({ actors: [clicks] });
  expectTypeOf(await kit.understudy.ask({ type: 'clicks.add', page: '/' })).toEqualTypeOf<number>();
  const peer = await kit.peer({ actors: [clicks] });
  expectTypeOf(peer).toEqualTypeOf(kit);
  // @ts-expect-error No such message.
  void kit.understudy.ask({ type: 'clicks.remove' });
});

test('what a kit cannot have is no option, and no fault is misspelt', async () => {
  const kit = await createTestUnderstudy({ redis: { commandTimeout: 100 }, ttl: '5m' });
  // @ts-expect-error This Redis is simulated.
  void createTestUnderstudy({ redis: { url: 'redis://127.0.0.1' } });
  // @ts-expect-error It has a clock of its own.
  void createTestUnderstudy({ clock: kit.clock });
  // @ts-expect-error The journal lives in memory.
  void createTestUnderstudy({ durable: { directory: 'journal' } });
  expectTypeOf(kit.redis.fail).parameter(0).toEqualTypeOf<FaultCode | Error | undefined>();
  expectTypeOf(kit.redis.value<string>('k')).toEqualTypeOf<string | undefined>();
});
