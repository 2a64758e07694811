import fc from 'fast-check';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { settled } from '../../src/testing/settled.ts';
import { BreakerModel } from './breaker-model.ts';
import { BREAKER } from './breaker-options.ts';
import { BreakerUnderTest } from './breaker-under-test.ts';
import { PATIENCE, runs } from './runs.ts';
import type { Part, Weather } from './scripted-tier.ts';

type Command = fc.AsyncCommand<BreakerModel, BreakerUnderTest>;

beforeEach(() => {
  // No spy: it would keep every call of all runs.
  const { random } = Math;
  Math.random = () => 0.5;
  onTestFinished(() => {
    Math.random = random;
  });
});

function command(name: string, run: (model: BreakerModel, real: BreakerUnderTest) => unknown): Command {
  return {
    check: () => true,
    toString: () => name,
    run: async (model, real) => {
      await run(model, real);
      await settled();
      await real.agreesWith(model);
    },
  };
}

const WEATHERS: Record<Part, readonly Weather[]> = {
  connect: ['well', 'well', 'fails', 'hangs'],
  read: ['well', 'fails', 'refuses', 'hangs'],
  write: ['well', 'fails', 'refuses', 'partly', 'hangs'],
};

const becomes = (part: Part): fc.Arbitrary<Command> =>
  fc.constantFrom(...WEATHERS[part]).map((weather) =>
    command(`${part} ${weather}`, (model, real) => {
      model.weather[part] = weather;
      real.tier.weather[part] = weather;
    }),
  );

const sends = fc
  .tuple(fc.constantFrom('read', 'scan', 'write', 'replay'), fc.constantFrom(1, 1, 2, 4, 5, 9))
  .map(([call, count]) =>
    command(`${count} x ${call}`, (model, real) => {
      model.send(call, count);
      real.send(call, count);
    }),
  );

const passes = fc.constantFrom(1, 20, 37, 73, 73, 160, 400, 1_100, 2_500, 30_100).map((milliseconds) =>
  command(`advance ${milliseconds} ms`, async (model, real) => {
    model.advance(milliseconds);
    await real.tree.clock.advance(milliseconds);
  }),
);

const answers = fc.tuple(fc.nat(7), fc.constantFrom<Weather>('well', 'fails')).map(
  ([pick, how]): Command => ({
    ...command(`what hangs is answered late: ${pick} ${how}`, (model, real) => {
      const at = pick % model.hanging.length;
      model.answer(at, how);
      real.tier.hanging.splice(at, 1)[0]?.end(how);
    }),
    check: (model) => model.hanging.length > 0,
  }),
);

const commands = fc.commands(
  [becomes('connect'), becomes('read'), becomes('write'), sends, sends, sends, passes, passes, answers],
  { maxCommands: 30, size: 'max' },
);

test(
  'whatever befalls Redis, the breaker does what its model does, and closes once Redis is well',
  async () => {
    // Either of the two reasons to open, seen apart: with a rate of 1 there are only consecutive failures.
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(1, 0.5), commands, async (errorRate, steps) => {
        const real = new BreakerUnderTest(errorRate);
        const { clock } = real.tree;
        const model = new BreakerModel(errorRate);
        await real.tree.start();
        await real.agreesWith(model);
        await fc.asyncModelRun(() => ({ model, real }), steps);

        for (const { weather } of [model, real.tier])
          Object.assign(weather, { connect: 'well', read: 'well', write: 'well' });
        const patience = BREAKER.resetTimeout + 2 * BREAKER.heartbeat;
        model.advance(patience);
        await clock.advance(patience);
        await real.agreesWith(model);
        expect([model.state, model.connected]).toEqual(['closed', true]);
        for (const call of ['read', 'write'] as const) {
          model.send(call, 1);
          real.send(call, 1);
        }
        await settled();
        await real.agreesWith(model);
        expect(model.told.slice(-2)).toEqual(['answered', 'answered']);
        expect(model.told).not.toContain(undefined);

        const calls = real.tier.calls.length;
        await real.tree.stop();
        for (const { end } of real.tier.hanging) end('well');
        await clock.advance(2 * BREAKER.resetTimeout);
        expect([real.tier.calls.length, real.tier.connected, clock.pending]).toEqual([calls, false, 0]);
      }),
      runs('the circuit breaker'),
    );
  },
  PATIENCE,
);
