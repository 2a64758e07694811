import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ActorContext } from '../../src/runtime/child-spec.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';
import type { CoreProtocol } from '../../src/system/core-protocol.ts';
import { defineActor } from '../../src/system/define-actor.ts';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { SpanRecorder } from './span-recorder.ts';

type Relay = Protocol<{ 'relay.fetch': { request: { key: string; told: boolean }; reply: unknown } }>;
type Fetch = Envelope<MessageOf<Relay>>;

/** An actor that handles its mail later, on a stack and in a context that know nothing of the caller. */
function relay(ask: (context: ActorContext<CoreProtocol & Relay>, fetch: Fetch) => Promise<unknown>) {
  return defineActor<Relay>({
    id: 'relay',
    start: (actor) => ({
      receive(envelope) {
        context.with(ROOT_CONTEXT, () => {
          setImmediate(() => {
            ask(actor, envelope).then(
              (value) => envelope.reply(value),
              (error) => envelope.fail(error),
            );
          });
        });
      },
    }),
  });
}

const recorder = new SpanRecorder();
let redis: RedisServer;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis?.stop();
});
beforeEach(() => recorder.clear());

it('an ask for the sake of a message belongs to the trace of that message', async () => {
  const actor = relay((actor, envelope) =>
    actor.ask({ type: 'cache.get', key: envelope.message.key }, { parent: envelope }),
  );
  const understudy = await createUnderstudy({ redis: { url: redis.url }, actors: [actor] });
  try {
    await recorder.under('request', () => understudy.ask({ type: 'relay.fetch', key: 'a', told: false }));
    const request = recorder.the('request');
    const relayed = recorder.the('relay.fetch');
    const read = recorder.the('cache.get');
    const batch = recorder.the(`MGET 127.0.0.1:${redis.port}`);
    expect(relayed.parentId).toBe(request.spanId);
    expect(read.parentId).toBe(relayed.spanId);
    expect(batch.parentId).toBe(read.spanId);
    expect(batch.traceId).toBe(request.traceId);
  } finally {
    await understudy.stop();
  }
});

it('a message told for the sake of another one belongs to its trace too', async () => {
  const actor = relay(async (actor, envelope) => {
    actor.send({ type: 'cache.set', key: envelope.message.key, value: 1 }, { parent: envelope });
  });
  const understudy = await createUnderstudy({ redis: { url: redis.url }, actors: [actor] });
  try {
    await recorder.under('request', () => understudy.ask({ type: 'relay.fetch', key: 'a', told: true }));
    await expect.poll(() => recorder.named('EVALSHA understudy.write')).toHaveLength(1);
    expect(recorder.the('EVALSHA understudy.write').traceId).toBe(recorder.the('request').traceId);
  } finally {
    await understudy.stop();
  }
});

it('an ask that names no message belongs to whatever is active, here nothing', async () => {
  const actor = relay((actor, envelope) => actor.ask({ type: 'cache.get', key: envelope.message.key }));
  const understudy = await createUnderstudy({ redis: { url: redis.url }, actors: [actor] });
  try {
    await recorder.under('request', () => understudy.ask({ type: 'relay.fetch', key: 'a', told: false }));
    expect(recorder.named('cache.get')).toEqual([]);
    expect(recorder.the(`MGET 127.0.0.1:${redis.port}`).traceId).not.toBe(recorder.the('request').traceId);
  } finally {
    await understudy.stop();
  }
});

it('the context waits with its message for an actor that is away', async () => {
  let starts = 0;
  const actor = defineActor<Relay>({
    id: 'relay',
    idempotent: ['relay.fetch'],
    start: (actor) => {
      const crashing = starts++ === 0;
      return {
        receive(envelope) {
          // The first incarnation takes the message and crashes before it has answered.
          if (crashing) setImmediate(() => actor.crash(new Error('gone')));
          else {
            actor.ask({ type: 'cache.get', key: envelope.message.key }, { parent: envelope }).then(
              (value) => envelope.reply(value),
              (error) => envelope.fail(error),
            );
          }
        },
      };
    },
  });
  const understudy = await createUnderstudy({ redis: { url: redis.url }, actors: [actor] });
  try {
    await recorder.under('request', () => understudy.ask({ type: 'relay.fetch', key: 'a', told: false }));
    expect(starts).toBe(2);
    expect(recorder.the('cache.get').parentId).toBe(recorder.the('relay.fetch').spanId);
    expect(recorder.the('cache.get').traceId).toBe(recorder.the('request').traceId);
  } finally {
    await understudy.stop();
  }
});
