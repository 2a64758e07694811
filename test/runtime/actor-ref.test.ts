import { expect, test } from 'vitest';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import { settled } from '../../src/testing/settled.ts';
import { aRef, Recorder, type RefUnderTest, Watched } from './ref-under-test.ts';

const READ = { type: 'subject.read' };
const WRITE = { type: 'subject.write' };

function watch({ ref }: RefUnderTest, message: { type: string }, deadline?: number): Watched {
  return new Watched(ref.ask(message, deadline === undefined ? undefined : { deadline }));
}

test('asks are answered by correlation, in whatever order the replies come', async () => {
  const { ref } = aRef();
  const actor = new Recorder();
  ref.attach(actor);
  const asked = [1, 2, 3].map(() => ref.ask(READ));
  for (const envelope of actor.received.toReversed()) envelope.reply(envelope.id);
  expect(await Promise.all(asked)).toEqual(actor.received.map(({ id }) => id));
  expect(ref.depth).toBe(0);
});

test('at capacity an ask is refused at once as OVERLOADED and a told message becomes a dead letter', async () => {
  const under = aRef({ capacity: 3 });
  const actor = new Recorder();
  under.ref.attach(actor);
  for (let count = 0; count < 3; count++) watch(under, READ);
  const refused = watch(under, READ);
  under.ref.send(WRITE);
  await settled();
  expect(refused.outcomes).toEqual(['OVERLOADED']);
  expect(under.buried).toEqual([['subject.write', 'OVERLOADED']]);
  expect([actor.received.length, under.ref.depth]).toEqual([3, 3]);

  actor.answer();
  const admitted = watch(under, READ);
  expect(actor.received).toHaveLength(4);
  actor.received[3]?.reply('room again');
  await settled();
  expect(admitted.outcomes).toEqual(['room again']);
});

test('while an actor is away its mail waits, within the capacity, and is delivered in order of arrival', async () => {
  const under = aRef({ capacity: 4 });
  const asked = [watch(under, READ), watch(under, WRITE)];
  under.ref.send({ type: 'subject.told' });
  watch(under, READ);
  under.ref.send({ type: 'subject.too-much' });
  expect([under.ref.depth, under.buried]).toEqual([4, [['subject.too-much', 'OVERLOADED']]]);

  const actor = new Recorder();
  under.ref.attach(actor);
  expect(actor.types).toEqual(['subject.read', 'subject.write', 'subject.told', 'subject.read']);
  expect(under.ref.depth).toBe(3);
  for (const envelope of actor.received) envelope.reply('late but here');
  await settled();
  expect(asked.map(({ outcomes }) => outcomes)).toEqual([['late but here'], ['late but here']]);
  expect(under.ref.depth).toBe(0);
});

test('what waits for an actor that stays away fails at its deadline and is not delivered afterwards', async () => {
  const under = aRef();
  const asked = watch(under, READ);
  await under.clock.advance(500);
  expect(asked.outcomes).toEqual(['DEADLINE_EXCEEDED']);
  const actor = new Recorder();
  under.ref.attach(actor);
  expect([actor.received.length, under.ref.depth, under.clock.pending]).toEqual([0, 0, 0]);
});

test.each([10, 11, 50, 250, 500, 1_000, 5_000])(
  'an answer is never later than %d ms when that was promised',
  async (deadline) => {
    for (let offset = 0; offset < 16; offset++) {
      const under = aRef();
      under.ref.attach(new Recorder());
      watch(under, READ, Number.POSITIVE_INFINITY);
      await under.clock.advance(offset + 0.5);
      const asked = watch(under, READ, deadline);
      await under.clock.advance(deadline - 10.5);
      expect(asked.outcomes).toEqual([]);
      await under.clock.advance(10.5);
      expect(asked.outcomes).toEqual(['DEADLINE_EXCEEDED']);
    }
  },
);

test('a deadline shorter than a turn of the wheel is met by the end of that turn', async () => {
  const under = aRef();
  under.ref.attach(new Recorder());
  const asked = watch(under, READ, 1);
  await under.clock.advance(8);
  expect(asked.outcomes).toEqual(['DEADLINE_EXCEEDED']);
});

test('an ask without an end waits for ever', async () => {
  const under = aRef();
  const actor = new Recorder();
  under.ref.attach(actor);
  const asked = watch(under, READ, Number.POSITIVE_INFINITY);
  await under.clock.advance(60_000);
  expect(asked.outcomes).toEqual([]);
  actor.answer('at last');
  await settled();
  expect(asked.outcomes).toEqual(['at last']);
});

test('after a crash idempotent mail is delivered once more to the next incarnation, the rest fails', async () => {
  const under = aRef();
  const cause = new Error('boom');
  under.ref.attach(new Recorder());
  const read = watch(under, READ);
  const write = under.ref.ask(WRITE);
  under.ref.crashed(cause);
  await expect(write).rejects.toMatchObject({ code: 'ACTOR_CRASHED', cause });

  const second = new Recorder();
  under.ref.attach(second);
  expect(second.types).toEqual(['subject.read']);
  under.ref.crashed(new Error('again'));
  await settled();
  expect(read.outcomes).toEqual(['ACTOR_CRASHED']);
  const third = new Recorder();
  under.ref.attach(third);
  expect([third.received.length, under.ref.depth]).toEqual([0, 0]);
});

test('what an actor crashes on fails and is not delivered again, though it may be repeated', async () => {
  const under = aRef();
  under.ref.attach(new Recorder());
  const innocent = watch(under, READ);
  const poison = { type: 'subject.read', poison: true };
  under.ref.crashed(new Error('swap'));
  under.ref.attach({
    send: (envelope: Envelope) => {
      if (envelope.message === poison) under.ref.crashed(new Error('poisoned'));
    },
  });
  const culprit = watch(under, poison);
  await settled();
  expect(culprit.outcomes).toEqual(['ACTOR_CRASHED']);
  expect(innocent.outcomes).toEqual(['ACTOR_CRASHED']);
  expect(under.ref.depth).toBe(0);
});

test('a crash on one message leaves others that may be repeated for the next incarnation', async () => {
  const under = aRef();
  const poison = { type: 'subject.read', poison: true };
  under.ref.attach({
    send: (envelope) => {
      if (envelope.message === poison) under.ref.crashed(new Error('poisoned'));
    },
  });
  const innocent = watch(under, READ);
  const culprit = watch(under, poison);
  const next = new Recorder();
  under.ref.attach(next);
  next.answer('fine');
  await settled();
  expect([innocent.outcomes, culprit.outcomes]).toEqual([['fine'], ['ACTOR_CRASHED']]);
});

test('what was answered before the crash is neither failed nor repeated', async () => {
  const under = aRef();
  const actor = new Recorder();
  under.ref.attach(actor);
  const asked = watch(under, READ);
  actor.answer('answer');
  under.ref.crashed(new Error('boom'));
  const next = new Recorder();
  under.ref.attach(next);
  await settled();
  expect([asked.outcomes, next.received]).toEqual([['answer'], []]);
});

test('a closing actor takes nothing new and finishes what it has', async () => {
  const under = aRef();
  const actor = new Recorder();
  under.ref.attach(actor);
  const before = watch(under, READ);
  under.ref.close(new UnderstudyError('STOPPING', 'closing'));
  const after = watch(under, READ);
  under.ref.send(WRITE);
  actor.answer('finished');
  await settled();
  expect([before.outcomes, after.outcomes]).toEqual([['finished'], ['STOPPING']]);
  expect(under.buried).toEqual([['subject.write', 'STOPPING']]);
});

test('once it refuses, all that waits is refused, told mail is buried, and no timer is left', async () => {
  const under = aRef();
  const asked = [watch(under, READ), watch(under, WRITE)];
  under.ref.send({ type: 'subject.told' });
  under.ref.refuse(new UnderstudyError('ACTOR_UNAVAILABLE', 'gone'));
  const late = watch(under, READ);
  await settled();
  for (const { outcomes } of [...asked, late]) expect(outcomes).toEqual(['ACTOR_UNAVAILABLE']);
  expect(under.buried).toEqual([['subject.told', 'ACTOR_UNAVAILABLE']]);
  expect([under.ref.depth, under.ref.alive, under.clock.pending]).toEqual([0, false, 0]);
});

test('draining is over when the actor says so, or when its patience ends, or at once where nobody is', async () => {
  const said = aRef();
  const actor = new Recorder();
  said.ref.attach(actor);
  const drained = new Watched(said.ref.drain(1_000));
  await settled();
  expect([actor.types, drained.outcomes]).toEqual([['system.drain'], []]);
  actor.answer();
  await settled();
  expect(drained.outcomes).toEqual([undefined]);

  const silent = aRef();
  silent.ref.attach(new Recorder());
  const given = new Watched(silent.ref.drain(1_000));
  await silent.clock.advance(980);
  expect(given.outcomes).toEqual([]);
  await silent.clock.advance(20);
  expect(given.outcomes).toEqual([undefined]);

  const away = new Watched(aRef().ref.drain(1_000));
  await settled();
  expect(away.outcomes).toEqual([undefined]);
});

test('a crash ends a drain', async () => {
  const { ref } = aRef();
  ref.attach(new Recorder());
  const drained = new Watched(ref.drain(60_000));
  ref.crashed(new Error('boom'));
  await settled();
  expect(drained.outcomes).toEqual([undefined]);
});

test('where every message is answered, told ones count until then and their failures are dead letters', async () => {
  const under = aRef({ settles: true, capacity: 2 });
  const actor = new Recorder();
  under.ref.attach(actor);
  under.ref.send(WRITE);
  under.ref.send(WRITE);
  under.ref.send({ type: 'subject.too-much' });
  expect(under.ref.depth).toBe(2);
  actor.answer();
  actor.received[1]?.fail(new UnderstudyError('JOURNAL_FULL', 'full'));
  expect(under.ref.depth).toBe(0);
  expect(under.buried).toEqual([
    ['subject.too-much', 'OVERLOADED'],
    ['subject.write', 'JOURNAL_FULL'],
  ]);
});
