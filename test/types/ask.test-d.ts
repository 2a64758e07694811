import { expectTypeOf, test } from 'vitest';
import type {
  Accepted,
  CacheStats,
  CircuitBreakerStatus,
  Found,
  HealthReport,
  Leased,
  NotFound,
  SupervisorTree,
  SystemEvent,
  SystemState,
  Understudy,
} from '../../src/index.ts';

declare const understudy: Understudy;

test('each message has the reply of its type', () => {
  expectTypeOf(understudy.ask({ type: 'cache.get', key: 'a' })).resolves.toEqualTypeOf<unknown>();
  expectTypeOf(understudy.ask({ type: 'cache.has', key: 'a' })).resolves.toEqualTypeOf<boolean>();
  expectTypeOf(understudy.ask({ type: 'cache.find', key: 'a' })).resolves.toEqualTypeOf<Found | NotFound>();
  expectTypeOf(understudy.ask({ type: 'cache.set', key: 'a', value: 1 })).resolves.toEqualTypeOf<Accepted>();
  expectTypeOf(understudy.ask({ type: 'cache.increment', key: 'a' })).resolves.toExtend<{ value: number }>();
  expectTypeOf(understudy.ask({ type: 'cache.delete', key: 'a' })).resolves.toExtend<{ existed: boolean }>();
  expectTypeOf(understudy.ask({ type: 'cache.getMany', keys: ['a'] })).resolves.toEqualTypeOf<
    readonly (readonly [string, unknown])[]
  >();
  expectTypeOf(understudy.ask({ type: 'cache.acquire', key: 'a' })).resolves.toEqualTypeOf<
    Found | Leased | NotFound
  >();
  expectTypeOf(understudy.ask({ type: 'cache.stats' })).resolves.toEqualTypeOf<CacheStats>();
  expectTypeOf(understudy.ask({ type: 'health.check' })).resolves.toEqualTypeOf<HealthReport>();
  expectTypeOf(understudy.ask({ type: 'supervisor.tree' })).resolves.toEqualTypeOf<SupervisorTree>();
  expectTypeOf(
    understudy.ask({ type: 'circuit-breaker.status' }),
  ).resolves.toEqualTypeOf<CircuitBreakerStatus>();
});

test('a message that nobody understands is refused', () => {
  // @ts-expect-error There is no such actor.
  void understudy.ask({ type: 'nobody.home' });
  // @ts-expect-error There is no such verb.
  void understudy.ask({ type: 'cache.explode' });
  // @ts-expect-error The way to Redis is the cache actor's alone.
  void understudy.ask({ type: 'circuit-breaker.write', writes: [] });
  // @ts-expect-error A get needs a key.
  void understudy.ask({ type: 'cache.get' });
  // @ts-expect-error A key is text.
  void understudy.ask({ type: 'cache.get', key: 1 });
  // @ts-expect-error A set needs a value.
  understudy.send({ type: 'cache.set', key: 'a' });
  // @ts-expect-error A deadline is milliseconds.
  void understudy.ask({ type: 'cache.get', key: 'a' }, { deadline: '1s' });
});

test('the rest of the handle', () => {
  expectTypeOf(understudy.send({ type: 'cache.delete', key: 'a' })).toEqualTypeOf<void>();
  expectTypeOf(understudy.health()).resolves.toEqualTypeOf<HealthReport>();
  expectTypeOf(understudy.stop()).resolves.toEqualTypeOf<void>();
  expectTypeOf(understudy.state).toEqualTypeOf<SystemState>();
  expectTypeOf(understudy.subscribe).toBeCallableWith((event: SystemEvent) => void event);
  understudy.subscribe((event) => {
    if (event.type === 'breaker.changed')
      expectTypeOf(event.state).toEqualTypeOf<'closed' | 'open' | 'half-open'>();
    // @ts-expect-error There is no such event.
    if (event.type === 'nobody.home') return;
  });
});
