import { expect, onTestFinished, test } from 'vitest';
import { defineActor, type Protocol } from '../../src/index.ts';
import { createTestUnderstudy } from '../../src/testing/index.ts';
import { startKit } from './kits.ts';

test('what would need the world outside is refused, all of it at once', async () => {
  const redis = { url: 'redis://127.0.0.1' };
  const durable = { directory: 'x' };
  // @ts-expect-error None of it is an option.
  const creating = createTestUnderstudy({ http: { port: 1 }, durable, redis });
  await expect(creating).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringMatching(/http: .*\n- durable: .*\n- redis\.url: /),
  });
});

test('options are those of the system, and checked as there', async () => {
  const kit = await startKit({
    ttl: '10s',
    prefix: 'app:',
    journal: { maxEntries: 1 },
    redis: { tombstoneTtl: '1m' },
  });
  await kit.cache.set('k', 1);
  expect([kit.redis.timeLeft('k'), kit.redis.keys()]).toEqual([10_000, ['k']]);
  kit.redis.fail();
  await kit.cache.set('one', 1);
  await expect(kit.cache.set('two', 2)).rejects.toMatchObject({ code: 'JOURNAL_FULL' });
  expect(kit.journal.keys()).toEqual(['one']);
  // @ts-expect-error No number of milliseconds.
  await expect(createTestUnderstudy({ deadline: 'long' })).rejects.toThrow(/deadline/);
});

type Greetings = Protocol<{ 'greetings.say': { request: { name: string }; reply: string } }>;

test('actors of the application run in it, on virtual time', async () => {
  const greetings = defineActor<Greetings>({
    id: 'greetings',
    start: ({ clock }) => ({
      receive: (envelope) => {
        clock.setTimeout(() => envelope.reply(`Hello ${envelope.message.name}`), 300);
      },
    }),
  });
  const kit = await createTestUnderstudy({ actors: [greetings] });
  onTestFinished(() => kit.stop());
  const began = kit.now();
  expect(await kit.until(kit.understudy.ask({ type: 'greetings.say', name: 'Ada' }))).toBe('Hello Ada');
  expect(kit.now() - began).toBe(300);
});

test('health tells of the simulated Redis as of a real one', async () => {
  const kit = await startKit();
  expect(await kit.understudy.health()).toMatchObject({ status: 'healthy' });
  kit.redis.fail();
  await kit.events.next('breaker.changed', { state: 'open' });
  expect(await kit.understudy.health()).toMatchObject({ status: 'degraded' });
});
