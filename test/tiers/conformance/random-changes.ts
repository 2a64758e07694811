import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome, Write } from '../../../src/tiers/tier.ts';
import type { Changes } from '../changes.ts';
import { valuesOf } from '../tier-under-test.ts';
import type { Bench } from './bench.ts';

const KEYS = ['a', 'b', '漢{x}'];

type Plan = {
  readonly op: Write['op'];
  readonly key: string;
  readonly value: number | string;
  readonly by: number;
};

const plan: fc.Arbitrary<Plan> = fc.record({
  op: fc.constantFrom('set', 'delete', 'touch', 'increment'),
  key: fc.constantFrom(...KEYS),
  value: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom('', 'text', '7')),
  by: fc.integer({ min: -3, max: 3 }),
});

function change(changes: Changes, { op, key, value, by }: Plan): Write {
  if (op === 'set') return changes.set(key, value);
  if (op === 'delete') return changes.delete(key);
  return op === 'touch' ? changes.touch(key) : changes.increment(key, by);
}

/** What a map would do. */
function modelled(model: Map<string, unknown>, { op, key, value, by }: Plan): Outcome {
  const existed = model.has(key);
  if (op === 'touch') return { status: 'done', existed };
  if (op === 'delete') {
    model.delete(key);
    return { status: 'done', existed };
  }
  const before = model.get(key) ?? 0;
  if (op === 'increment' && typeof before !== 'number') return { status: 'not-a-number' };
  const after = op === 'increment' ? Number(before) + by : value;
  model.set(key, after);
  return op === 'increment' ? { status: 'done', value: Number(after) } : { status: 'done' };
}

/** Any batches of any changes lead where the same changes lead a map. */
export function followsTheModel(bench: Bench): void {
  test('any batches of changes do what they would do to a map', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(plan, { maxLength: 12 }), { maxLength: 4 }), async (batches) => {
        const { under, changes } = bench();
        await under.clear();
        const model = new Map<string, unknown>();
        for (const batch of batches) {
          const outcomes = await under.tier.write(batch.map((each) => change(changes, each)));
          expect(outcomes).toEqual(batch.map((each) => modelled(model, each)));
        }
        expect(await valuesOf(under.tier, KEYS)).toEqual(KEYS.map((key) => model.get(key)));
      }),
      { numRuns: 60 },
    );
  });
}

/** Late sets and deletions may come in any order: the newest of each key is what stays. */
export function convergesOnReplay(bench: Bench): void {
  test('late changes lead to the same end in whatever order they come', async () => {
    const lww = plan.map((each) => ({
      ...each,
      op: each.op === 'set' ? ('set' as const) : ('delete' as const),
    }));
    const shuffled = fc
      .array(lww, { minLength: 1, maxLength: 10 })
      .chain((plans) =>
        fc.tuple(
          fc.constant(plans),
          fc.shuffledSubarray([...plans.keys()], { minLength: plans.length, maxLength: plans.length }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(shuffled, async ([plans, order]) => {
        const { under, changes } = bench();
        await under.clear();
        const model = new Map<string, unknown>();
        for (const each of plans) modelled(model, each);
        const writes = plans.map((each) => change(changes, each));
        await under.tier.replay(order.flatMap((at) => writes[at] ?? []));
        expect(await valuesOf(under.tier, KEYS)).toEqual(KEYS.map((key) => model.get(key)));
      }),
      { numRuns: 60 },
    );
  });
}
