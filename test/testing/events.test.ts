import { expect, test } from 'vitest';
import { isUnderstudyError } from '../../src/index.ts';
import { EventTimeout } from '../../src/testing/index.ts';
import { startKit } from './kits.ts';

test('everything is recorded from the start on', async () => {
  const { events } = await startKit();
  expect(events.of('breaker.changed').map(({ state }) => state)).toEqual(['open', 'half-open', 'closed']);
  expect(events.all().map(({ type }) => type)).toContain('system.changed');
  expect(events.of('breaker.changed', ({ generation }) => generation > 2)).toHaveLength(1);
  events.clear();
  expect(events.all()).toEqual([]);
});

test('next tells of what has happened already, then of what comes, each once', async () => {
  const kit = await startKit();
  kit.redis.fail();
  await kit.advance('30s');
  kit.redis.restore();
  expect(await kit.events.next('breaker.changed', { state: 'open' })).toMatchObject({ generation: 4 });
  expect(await kit.events.next('breaker.changed')).toMatchObject({ state: 'half-open' });
  expect(await kit.events.next('breaker.changed', (event) => event.state === 'closed')).toMatchObject({
    generation: 6,
  });
});

test('what does not happen is an error of its own, which lists what did', async () => {
  const kit = await startKit();
  const began = kit.now();
  kit.redis.fail();
  const error = await kit.events
    .next('breaker.changed', { state: 'half-open' }, { within: '28s' })
    .catch((thrown: unknown) => thrown);
  expect(kit.now() - began).toBe(28_000);
  expect(error).toBeInstanceOf(EventTimeout);
  expect(isUnderstudyError(error, 'DEADLINE_EXCEEDED')).toBe(true);
  if (!(error instanceof EventTimeout)) return;
  expect(error.happened[0]).toMatchObject({ type: 'breaker.changed', state: 'open' });
  expect(error.happened.map(({ type }) => type)).toContain('breaker.probe-failed');
  expect(error.message).toContain('no such breaker.changed within 28000 ms');
  expect(error.message).toContain('"state":"open"');
});

test('where nothing happened, it says so', async () => {
  const { events } = await startKit({ redis: false });
  await expect(events.next('redis.failover', {}, { within: 10 })).rejects.toThrow(/what happened: nothing$/);
});
