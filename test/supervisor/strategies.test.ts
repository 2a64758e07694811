import { expect, test } from 'vitest';
import type { Restart, Strategy } from '../../src/runtime/child-spec.ts';
import { mortal, TreeUnderTest } from './tree-under-test.ts';

const IDS = ['a', 'b', 'c'];

async function tree(strategy: Strategy, restart: Partial<Record<string, Restart>> = {}) {
  const journal: string[] = [];
  const specs = IDS.map((id) => mortal(id, journal, { restart: restart[id] ?? 'permanent' }));
  const under = await new TreeUnderTest(specs, { strategy }).start();
  return { under, journal, since: () => journal.splice(0) };
}

test('children start in their order', async () => {
  const { under, since } = await tree('one-for-one');
  expect(since()).toEqual(['start a', 'start b', 'start c']);
  expect([under.states, under.state]).toEqual([['up', 'up', 'up'], 'running']);
});

test.each<[Strategy, string, string[]]>([
  ['one-for-one', 'b', ['stop b', 'start b']],
  ['one-for-all', 'b', ['stop b', 'stop c', 'stop a', 'start a', 'start b', 'start c']],
  ['rest-for-one', 'b', ['stop b', 'stop c', 'start b', 'start c']],
  ['rest-for-one', 'a', ['stop a', 'stop c', 'stop b', 'start a', 'start b', 'start c']],
  ['rest-for-one', 'c', ['stop c', 'start c']],
])('%s: a crash of %s means %j', async (strategy, id, expected) => {
  const { under, since } = await tree(strategy);
  since();
  under.ref(id).send({ type: `${id}.crash` });
  await under.clock.advance(0);
  expect(since()).toEqual(expected);
  expect([under.states, under.state]).toEqual([['up', 'up', 'up'], 'running']);
  expect(under.failures).toEqual([]);
});

test('who shares the fate of another loses what it was doing, and starts afresh behind the same ref', async () => {
  const { under } = await tree('one-for-all');
  const held = under.ask('a.hang');
  const ref = under.ref('a');
  under.ref('b').send({ type: 'b.crash' });
  await expect(held).rejects.toMatchObject({ code: 'ACTOR_CRASHED' });
  await under.clock.advance(0);
  expect(under.ref('a')).toBe(ref);
  expect(await under.ask('a.who')).toBe(2);
});

test('a temporary sibling that is stopped with the others stays down', async () => {
  const { under, since } = await tree('one-for-all', { c: 'temporary' });
  since();
  under.ref('a').send({ type: 'a.crash' });
  await under.clock.advance(0);
  expect(since()).toEqual(['stop a', 'stop c', 'stop b', 'start a', 'start b']);
  expect(under.states).toEqual(['up', 'up', 'down']);
  await expect(under.ask('c.who')).rejects.toMatchObject({ code: 'ACTOR_UNAVAILABLE' });
  expect(under.state).toBe('running');
});

test('what has ended for good does not come back with the others', async () => {
  const { under, since } = await tree('one-for-all', { b: 'temporary' });
  under.ref('b').send({ type: 'b.crash' });
  await under.clock.advance(0);
  since();
  under.ref('a').send({ type: 'a.crash' });
  await under.clock.advance(0);
  expect(since()).toEqual(['stop a', 'stop c', 'start a', 'start c']);
  expect(under.states).toEqual(['up', 'down', 'up']);
});

test('rest-for-one: nobody comes back before the one it depends on', async () => {
  const { under, since } = await tree('rest-for-one');
  under.ref('c').send({ type: 'c.crash' });
  await under.clock.advance(0);
  since();
  // Both are waiting for their restart now, c for the longer time but since earlier.
  under.ref('c').send({ type: 'c.crash' });
  await under.clock.advance(1);
  under.ref('b').send({ type: 'b.crash' });
  await under.clock.advance(5_000);
  expect(since()).toEqual(['stop c', 'stop b', 'start b', 'start c']);
});
