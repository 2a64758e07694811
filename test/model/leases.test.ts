import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settled } from '../../src/testing/settled.ts';
import { LEASE, LeaseModel, type ModelLease } from './lease-model.ts';
import { LeasesUnderTest } from './leases-under-test.ts';
import { PATIENCE, runs } from './runs.ts';

type Command = fc.AsyncCommand<LeaseModel, LeasesUnderTest>;

function command(name: string, run: (model: LeaseModel, real: LeasesUnderTest) => unknown): Command {
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

const key = fc.constantFrom('a', 'ab', 'b');

const acquires = fc
  .tuple(key, fc.constantFrom(1, 1, 3), fc.constantFrom(Infinity, Infinity, 90))
  .map(([name, count, patience]) =>
    command(`${count} x acquire ${name} within ${patience} ms`, (model, real) => {
      for (let each = 0; each < count; each++) {
        model.acquire(name, patience);
        real.acquire(name, patience);
      }
    }),
  );

/** Something that is done with a lease, be it in force or long over. */
function report(
  name: string,
  run: (lease: ModelLease | undefined, model: LeaseModel, real: LeasesUnderTest) => unknown,
): fc.Arbitrary<Command> {
  return fc
    .nat(3)
    .map((back) =>
      command(`${name} of the last lease but ${back}`, (model, real) =>
        run(model.granted.at(-1 - back), model, real),
      ),
    );
}

let lastValue = 0;

const fulfils = report('fulfil', async (lease, model, real) => {
  const value = ++lastValue;
  const stored = model.fulfil(lease, value);
  const message = {
    type: 'cache.fulfil',
    key: lease?.key ?? 'a',
    lease: real.token(lease?.holder ?? -1),
    value,
  } as const;
  expect(await real.ask(message)).toMatchObject({ stored });
});

const findsNothing = report('fulfil with nothing', async (lease, model, real) => {
  model.fulfil(lease, undefined);
  const message = {
    type: 'cache.fulfil',
    key: lease?.key ?? 'a',
    lease: real.token(lease?.holder ?? -1),
  } as const;
  expect(await real.ask(message)).toMatchObject({ stored: false });
});

const strangers = report('fulfil of another key', async (lease, _model, real) => {
  const message = {
    type: 'cache.fulfil',
    key: `${lease?.key}c`,
    lease: real.token(lease?.holder ?? -1),
    value: 0,
  } as const;
  expect(await real.ask(message)).toMatchObject({ stored: false });
});

const abandons = (reason: string | undefined): fc.Arbitrary<Command> =>
  report(`abandon ${reason ?? 'without a reason'}`, async (lease, model, real) => {
    const abandoned = model.abandon(lease, reason);
    const name = lease?.key ?? 'a';
    const message = {
      type: 'cache.abandon',
      key: name,
      lease: real.token(lease?.holder ?? -1),
      reason,
    } as const;
    expect(await real.ask(message)).toEqual({ abandoned });
  });

const changes = fc
  .tuple(key, fc.constantFrom('set', 'delete', 'delete', 'increment', 'touch'))
  .map(([name, op]) =>
    command(`${op} ${name}`, async (model, real) => {
      const value = ++lastValue;
      if (op === 'set') {
        model.set(name, value);
        await real.ask({ type: 'cache.set', key: name, value });
      } else if (op === 'delete') {
        model.delete(name);
        await real.ask({ type: 'cache.delete', key: name });
      } else if (op === 'increment') {
        model.increment(name);
        await real.ask({ type: 'cache.increment', key: name });
      } else await real.ask({ type: 'cache.touch', key: name, ttl: '1h' });
    }),
  );

const clears = fc.constantFrom('a', 'ab', '').map((prefix) =>
  command(`clear ${prefix}*`, async (model, real) => {
    model.clear(prefix);
    await real.ask({ type: 'cache.clear', prefix });
  }),
);

const passes = fc.constantFrom(1, 30, 60, 100, LEASE - 1, LEASE, LEASE + 100).map((milliseconds) =>
  command(`advance ${milliseconds} ms`, async (model, real) => {
    model.advance(milliseconds, await real.advance(milliseconds));
  }),
);

const crashes = fc.constant(
  command('crash', async (model, real) => {
    model.crash();
    await real.crash();
  }),
);

const commands = fc.commands(
  [
    acquires,
    acquires,
    acquires,
    fulfils,
    fulfils,
    findsNothing,
    strangers,
    abandons(undefined),
    abandons('the origin is down'),
    changes,
    changes,
    clears,
    passes,
    passes,
    crashes,
  ],
  { maxCommands: 30, size: 'max' },
);

test(
  'whatever happens to a key that is being loaded, its leases do what their model does',
  async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        const model = new LeaseModel();
        const real = new LeasesUnderTest();
        await real.tree.start();
        await fc.asyncModelRun(() => ({ model, real }), steps);
        // Nobody reports any more: each who waits is given a lease in his turn.
        for (let round = 0; model.leases.length > 0; round++) {
          expect(round).toBeLessThanOrEqual(model.askers.length);
          model.advance(LEASE + 100, await real.advance(LEASE + 100));
        }
        await real.agreesWith(model);
        expect(model.askers.every(({ told }) => told.length === 1)).toBe(true);
        await real.tree.stop();
        expect(real.tree.clock.pending).toBe(0);
      }),
      runs('the leases'),
    );
  },
  PATIENCE,
);
