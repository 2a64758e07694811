import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Write } from '../../src/tiers/tier.ts';
import { type Held, JournalModel } from './journal-model.ts';
import { JournalUnderTest } from './journal-under-test.ts';
import { PATIENCE, runs } from './runs.ts';

/** They outlive the run, so that a relative change finds what it was meant for. */
const NUMBERS = ['n:1', 'n:2'];
const TEXTS = ['t:1', 't:11', 't:2', 't:3', 'u:1', 'v:1', 'w:1'];
const KEYS = [...NUMBERS, ...TEXTS];
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** What the model has to remember of a change that is on its way past the journal. */
interface Way {
  readonly before: Held | undefined;
  readonly known: boolean;
  readonly changes: number;
}

class World {
  readonly model = new JournalModel();
  readonly ways = new Map<string, Way>();
}

type Command = fc.Command<World, JournalUnderTest>;

function command(
  name: string,
  run: (world: World, real: JournalUnderTest) => void,
  check: (real: JournalUnderTest) => boolean = () => true,
): Command {
  return {
    toString: () => name,
    check: () => true,
    run: (world, real) => {
      if (!check(real)) return;
      run(world, real);
      real.isSound(KEYS);
    },
  };
}

/**
 * What gave way to the invalidation of everything; a value that still waits is replayed after it. A relative change that
 * waits has its base in Redis, and what flies may be there or not: either may be invalidated with the rest.
 */
const loss =
  ({ model }: World, real: JournalUnderTest) =>
  (): void => {
    model.clear('', (key) => real.journal.get(key) !== undefined || real.flies(key));
    for (const key of KEYS) {
      const op = real.journal.get(key)?.op;
      if (op === 'touch' || op === 'increment' || real.flies(key)) model.unknown.add(key);
    }
  };

interface Absolute {
  readonly write: (real: JournalUnderTest) => Write;
  readonly held: (now: number) => Held | undefined;
  readonly key: string;
  readonly name: string;
}

let last = 0;
const absolutes: fc.Arbitrary<Absolute> = fc
  .tuple(
    fc.constantFrom(...KEYS),
    fc.constantFrom('set', 'set', 'delete'),
    fc.nat(300),
    fc.constantFrom(MINUTE, DAY),
  )
  .map(([key, op, length, lifetime]) => {
    if (op === 'delete')
      return { key, name: `delete ${key}`, write: (real) => real.changes.delete(key), held: () => undefined };
    const isNumber = NUMBERS.includes(key);
    const value = isNumber ? length : `${++last}`.padStart(length, '.');
    const ttl = isNumber ? DAY : lifetime;
    return {
      key,
      name: `set ${key} to ${length} for ${ttl} ms`,
      write: (real) => real.changes.set(key, value, ttl),
      held: (now) => ({ value, fresh: now + ttl }),
    };
  });

const journaled = absolutes.map(({ key, name, write, held }) =>
  command(name, (world, real) => {
    if (real.add(write(real), loss(world, real))) world.model.put(key, held(real.now));
  }),
);

const sent = fc.tuple(absolutes, fc.boolean()).map(([{ key, name, write, held }, made]) =>
  command(
    `${name}, past the journal${made ? '' : ' and lost'}`,
    ({ model, ways }, real) => {
      const before = model.get(key, real.now);
      const known = !model.unknown.has(key);
      real.send(write(real), made);
      model.put(key, held(real.now));
      ways.set(key, { before, known, changes: model.changes(key) });
    },
    (real) => !real.isDirect(key),
  ),
);

function settle(key: string, heard: boolean, world: World, real: JournalUnderTest): void {
  const { model, ways } = world;
  const way = ways.get(key);
  const certain = way?.known && !real.wasMade(key) && !real.displacedRelative(key);
  const end = real.settle(key, heard, loss(world, real));
  if (way === undefined || way.changes !== model.changes(key)) return;
  if (end === 'cleared') model.put(key, undefined);
  if (end !== 'refused') return;
  // What was refused may have been made all the same; and what it took the place of, before it or after it.
  if (certain) model.put(key, way.before);
  else model.unknown.add(key);
}

const settles = fc
  .tuple(fc.constantFrom(...KEYS), fc.boolean())
  .map(([key, heard]) =>
    command(`how ${key} ended is ${heard ? 'heard' : 'not heard'}`, (world, real) =>
      settle(key, heard, world, real),
    ),
  );

/** Of what is on its way past the journal, and of what it does not know, one change cannot say all that two may. */
const touches = fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(MINUTE, DAY)).map(([key, lifetime]) => {
  const ttl = NUMBERS.includes(key) ? 2 * DAY : lifetime;
  return command(
    `touch ${key} for ${ttl} ms`,
    (world, real) => {
      if (real.add(real.changes.touch(key, ttl), loss(world, real))) world.model.touch(key, real.now, ttl);
    },
    (real) => {
      const op = real.journal.get(key)?.op;
      const known = op === 'set' || op === 'delete';
      return !real.isDirect(key) && (known || (NUMBERS.includes(key) && op !== 'increment'));
    },
  );
});

const increments = fc.tuple(fc.constantFrom(...NUMBERS), fc.integer({ min: -9, max: 9 })).map(([key, by]) =>
  command(
    `increment ${key} by ${by}`,
    (world, real) => {
      const write = real.changes.increment(key, by, DAY);
      if (real.add(write, loss(world, real))) world.model.increment(key, by, real.now, DAY);
    },
    (real) => {
      const op = real.journal.get(key)?.op;
      return !real.isDirect(key) && op !== 'touch' && !(op === undefined && real.flies(key));
    },
  ),
);

const notNumbers = fc.constantFrom(...TEXTS).map((key) =>
  command(`increment the text ${key}`, ({ model }, real) => {
    if (real.journal.get(key)?.op !== 'set' || model.get(key, real.now) === undefined) return;
    const before = real.journal.get(key);
    const refused = expect.objectContaining({ code: 'NOT_A_NUMBER' });
    expect(() => real.journal.add(real.changes.increment(key, 1))).toThrow(refused);
    expect(real.journal.get(key)).toBe(before);
  }),
);

const clears = fc.constantFrom('t:', 't:1', 'n:', 'u', 'v', 'w', '').map((prefix) =>
  command(`clear ${prefix}*`, (world, real) => {
    world.model.clear(prefix);
    real.clear(prefix, loss(world, real));
  }),
);

const replays = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.boolean()).map(([count, heard]) =>
  command(
    `replay ${count}${heard ? '' : ', of which nothing is heard'}`,
    (_, real) => real.replay(count, heard),
    // What was sent before a clearing is carried out has ended before: they go one after the other.
    (real) => real.journal.clearing() === undefined || real.directs.length === 0,
  ),
);

const lands = fc.constant(command('what was replayed is answered', (_, real) => real.land()));

const passes = fc
  .constantFrom(1, 1_000, MINUTE, 5 * MINUTE)
  .map((milliseconds) => command(`advance ${milliseconds} ms`, (_, real) => real.clock.stall(milliseconds)));

const commands = fc.commands(
  [
    journaled,
    journaled,
    journaled,
    sent,
    settles,
    settles,
    touches,
    increments,
    increments,
    notNumbers,
    clears,
    replays,
    replays,
    lands,
    passes,
  ],
  { maxCommands: 50, size: 'max' },
);

const bounds = fc.record({
  maxEntries: fc.constantFrom(1, 2, 3, 5, 8, 100),
  maxBytes: fc.constantFrom(600, 1_500, 3_000, 1e6, 1e6),
});

test(
  'whatever was journaled, replayed or went past it, Redis ends as if all had been done in its order',
  () => {
    fc.assert(
      fc.property(bounds, commands, (options, steps) => {
        const world = new World();
        const real = new JournalUnderTest(options);
        fc.modelRun(() => ({ model: world, real }), steps);
        for (const key of real.directs) settle(key, true, world, real);
        real.agreesWith(world.model, KEYS);
      }),
      runs('the journal'),
    );
  },
  PATIENCE,
);
