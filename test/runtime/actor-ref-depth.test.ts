import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settled } from '../../src/testing/settled.ts';
import { aRef, Recorder, Watched } from './ref-under-test.ts';

const CAPACITY = 12;

const step = fc.oneof(
  fc.record({
    kind: fc.constant('ask' as const),
    type: fc.constantFrom('subject.read', 'subject.write'),
    deadline: fc.constantFrom(15, 40, 600, Number.POSITIVE_INFINITY),
  }),
  fc.record({ kind: fc.constant('send' as const) }),
  fc.record({ kind: fc.constant('answer' as const), at: fc.nat(20), fail: fc.boolean() }),
  fc.record({ kind: fc.constant('advance' as const), by: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ kind: fc.constantFrom('crash' as const, 'attach' as const) }),
);

test('the depth is what is unanswered or waits, after any sequence of events, and every ask ends once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { ref, clock, buried } = aRef({ capacity: CAPACITY });
      const asked: Watched[] = [];
      let actor: Recorder | undefined;
      let told = 0;
      let toldWaiting = 0;
      let arrived = 0;
      for (const each of steps) {
        switch (each.kind) {
          case 'ask':
            asked.push(new Watched(ref.ask({ type: each.type }, { deadline: each.deadline })));
            break;
          case 'send': {
            const admitted = ref.depth < CAPACITY;
            ref.send({ type: 'subject.told' });
            told++;
            if (admitted && actor === undefined) toldWaiting++;
            break;
          }
          case 'answer': {
            const open = actor?.received.filter((envelope) => envelope.open) ?? [];
            const envelope = open[each.at % Math.max(1, open.length)];
            if (each.fail) envelope?.fail(new Error('refused'));
            else envelope?.reply('reply');
            break;
          }
          case 'advance':
            await clock.advance(each.by);
            break;
          case 'crash':
            if (actor === undefined) break;
            arrived += actor.types.filter((type) => type === 'subject.told').length;
            actor = undefined;
            ref.crashed(new Error('crash'));
            break;
          case 'attach':
            if (actor !== undefined) break;
            actor = new Recorder();
            ref.attach(actor);
            toldWaiting = 0;
            break;
        }
        await settled();
        const waiting = asked.filter(({ outcomes }) => outcomes.length === 0).length;
        expect(ref.depth).toBe(waiting + toldWaiting);
        expect(ref.depth).toBeLessThanOrEqual(CAPACITY);
        expect(asked.every(({ outcomes }) => outcomes.length <= 1)).toBe(true);
      }
      // Nothing told vanishes: it arrived, waits, or was buried.
      if (actor !== undefined) arrived += actor.types.filter((type) => type === 'subject.told').length;
      expect(arrived + toldWaiting + buried.length).toBe(told);
    }),
    { numRuns: 300 },
  );
});
