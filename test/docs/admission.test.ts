import { expect, test } from 'vitest';
import { CONTESTANTS, POLICIES } from '../../bench/admission/contestants.ts';
import { hitRatiosOf } from '../../bench/admission/hit-ratios.ts';
import { hitRatioTable } from '../../bench/admission/tables.ts';
import { syntheticWorkloads } from '../../bench/admission/workloads.ts';
import { readDoc, tableIn } from './markdown-table.ts';

const document = readDoc('admission.md');
const rows = tableIn(document, '## Hit ratios');
const workloads = syntheticWorkloads();

test('the table has all policies, on all workloads, at all capacities', () => {
  const capacities = ['100', '1,000', '5,000', '20,000', '50,000'];
  const names = ['trace', ...workloads.map(({ name }) => name)];
  expect(Object.keys(rows[0] ?? {})).toEqual([
    'workload',
    'capacity',
    ...CONTESTANTS.map(({ name }) => name),
  ]);
  expect(rows.map(({ workload, capacity }) => [workload, capacity])).toEqual(
    names.flatMap((name) => capacities.map((capacity) => [name, capacity])),
  );
});

// Of the others the same would take long: all are made and measured by the same code.
const REPEATED = workloads.filter(({ name }) => /shifting|by bytes/.test(name));

test.each(REPEATED)('the table tells of $name what is found now', (workload) => {
  const running = hitRatiosOf(workload, 1_000);
  let step = running.next();
  while (!step.done) step = running.next();
  const [found] = tableIn(hitRatioTable([step.value]));
  expect(rows.find((row) => row.workload === workload.name && row.capacity === '1,000')).toEqual(found);
});

test('the decision tells the best and the worst of each policy on the trace, from 1,000 entries on', () => {
  const onTrace = rows.filter((row) => row.workload === 'trace' && row.capacity !== '100');
  const told = tableIn(document, '## Decision').map((row) => [
    row.policy,
    row['best against LRU on the trace'],
    row.worst,
  ]);
  const expected = POLICIES.slice(1).map(({ name }) => {
    const gains = onTrace.map(({ capacity, LRU = '', [name]: own = '' }) => ({
      capacity,
      gain: Number((Number(own) - Number(LRU)).toFixed(1)),
    }));
    const say = ({ gain, capacity }: { gain: number; capacity: string | undefined }): string =>
      `${gain > 0 ? '+' : ''}${gain.toFixed(1)}, at ${capacity}`;
    const sorted = gains.toSorted((a, b) => b.gain - a.gain);
    return [name, ...[sorted[0], sorted.at(-1)].map((one) => (one === undefined ? '' : say(one)))];
  });
  expect(told).toEqual(expected);
});
