import { expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type { CacheMessage } from '../../actors/cache/messages.ts';
import type { cacheSchema } from '../../actors/cache/schema.ts';
import type { CircuitBreakerMessage } from '../../actors/circuit-breaker/messages.ts';
import type { circuitBreakerSchema } from '../../actors/circuit-breaker/schema.ts';
import type { HealthMessage } from '../../actors/health/messages.ts';
import type { healthSchema } from '../../actors/health/schema.ts';
import type { MetricsMessage } from '../../actors/metrics/messages.ts';
import type { metricsSchema } from '../../actors/metrics/schema.ts';
import type { SupervisorMessage } from '../../actors/supervisor/messages.ts';
import type { supervisorSchema } from '../../actors/supervisor/schema.ts';
import type { WarmerMessage } from '../../actors/warmer/messages.ts';
import type { warmerSchema } from '../../actors/warmer/schema.ts';
import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';
import type { CoreProtocol } from '../../src/system/core-protocol.ts';
import type { CORE_SCHEMAS } from '../../src/system/core-schemas.ts';
import { defineActor } from '../../src/system/define-actor.ts';

/** What the schemas of an actor let in, by message type. */
type LetIn<S extends Record<string, z.ZodType>> = { [T in keyof S]: Readonly<z.output<S[T]>> };
/** What a union of messages is, by message type. */
type ByType<M extends { readonly type: string }> = {
  readonly [T in M['type']]: Flat<Extract<M, { readonly type: T }>>;
};
type Flat<T> = { [K in keyof T]: T[K] };

test('what the schemas let in is what the actors understand', () => {
  expectTypeOf<LetIn<typeof cacheSchema>>().toEqualTypeOf<ByType<CacheMessage>>();
  expectTypeOf<LetIn<typeof healthSchema>>().toEqualTypeOf<ByType<HealthMessage>>();
  expectTypeOf<LetIn<typeof metricsSchema>>().toEqualTypeOf<ByType<MetricsMessage>>();
  expectTypeOf<LetIn<typeof supervisorSchema>>().toEqualTypeOf<ByType<SupervisorMessage>>();
  expectTypeOf<LetIn<typeof warmerSchema>>().toEqualTypeOf<ByType<WarmerMessage>>();
});

test('of the circuit breaker strangers may ask the status alone', () => {
  type Status = Extract<CircuitBreakerMessage, { type: 'circuit-breaker.status' }>;
  expectTypeOf<LetIn<typeof circuitBreakerSchema>>().toEqualTypeOf<ByType<Status>>();
});

test('the schemas together are the protocol that a host sees', () => {
  type Schemas = (typeof CORE_SCHEMAS)[keyof typeof CORE_SCHEMAS];
  type Types = Schemas extends infer S ? (S extends S ? keyof S : never) : never;
  expectTypeOf<Types>().toEqualTypeOf<keyof CoreProtocol>();
  expectTypeOf<Types>().toEqualTypeOf<MessageOf<CoreProtocol>['type']>();
});

test('a host gives a schema for every message of its protocol, and of that type', () => {
  type Clicks = Protocol<{ 'clicks.add': { request: { page: string }; reply: number } }>;
  const start = () => ({ receive: () => {} });
  const good = {
    '~standard': { validate: (_: unknown) => ({ value: { type: 'clicks.add', page: 'home' } as const }) },
  };
  const bad = {
    '~standard': { validate: (_: unknown) => ({ value: { type: 'clicks.add', page: 5 } as const }) },
  };
  defineActor<Clicks>({ id: 'clicks', start, schemas: { 'clicks.add': good } });
  // @ts-expect-error its output is no message of the protocol
  defineActor<Clicks>({ id: 'clicks', start, schemas: { 'clicks.add': bad } });
  // @ts-expect-error one is missing
  defineActor<Clicks>({ id: 'clicks', start, schemas: {} });
});
