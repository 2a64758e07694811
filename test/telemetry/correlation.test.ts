import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Envelope } from '../../src/runtime/envelope.ts';
import type { MessageOf, Protocol } from '../../src/runtime/protocol.ts';
import { defineActor } from '../../src/system/define-actor.ts';
import { createUnderstudy } from '../../src/system.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { LogLines } from './log-lines.ts';

type Fragile = Protocol<{ 'fragile.break': { request: object; reply: undefined } }>;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

describe('log entries tell what they belong to', () => {
  it('the message over which an actor crashed', async () => {
    const log = new LogLines();
    const received: Envelope<MessageOf<Fragile>>[] = [];
    const actor = defineActor<Fragile>({
      id: 'fragile',
      start: () => ({
        receive(envelope) {
          received.push(envelope);
          throw new Error('broken');
        },
      }),
    });
    const understudy = await createUnderstudy({ actors: [actor], logger: log.logger('error') });
    await expect(understudy.ask({ type: 'fragile.break' })).rejects.toMatchObject({ code: 'ACTOR_CRASHED' });
    await understudy.stop();
    expect(log.entries).toEqual([
      expect.objectContaining({
        actor: 'fragile',
        envelope: received[0]?.id,
        msg: 'actor crashed',
        err: expect.objectContaining({
          message: 'broken',
          stack: expect.stringContaining('correlation.test.ts'),
        }),
      }),
    ]);
  });

  it('the batch that failed', async () => {
    const log = new LogLines();
    const understudy = await createUnderstudy({
      redis: { url: redis.url, commandTimeout: 60 },
      logger: log.logger('debug'),
    });
    await redis.freeze();
    await understudy.cache.getMany(['a', 'b']);
    await redis.thaw();
    await understudy.stop();
    expect(log.entries).toContainEqual(
      expect.objectContaining({
        msg: 'round trip failed',
        envelope: expect.any(Number),
        operation: 'MGET',
        size: 2,
        err: expect.objectContaining({ code: 'ETIMEDOUT' }),
      }),
    );
  });

  it('how many dead letters there were, not each of them', async () => {
    const log = new LogLines();
    const understudy = await createUnderstudy({ logger: log.logger('warn') });
    await understudy.stop();
    for (let n = 0; n < 500; n++) understudy.send({ type: 'cache.delete', key: `k${n}` });
    const letters = log.entries.filter((entry) => entry.msg === 'dead letter');
    expect(letters).toMatchObject([
      { actor: 'cache', messageType: 'cache.delete', reason: 'STOPPING', count: 1 },
    ]);
    expect(log.lines.join()).not.toContain('k0');
  });
});
