import { CONTESTANTS } from './contestants.ts';
import type { Cost } from './costs.ts';
import type { HitRatios } from './hit-ratios.ts';

/** Markdown, in percent. */
export function hitRatioTable(rows: readonly HitRatios[]): string {
  const names = CONTESTANTS.map(({ name }) => name);
  return table(
    ['workload', 'capacity', ...names],
    rows.map(({ workload, capacity, hitRatios }) => [
      workload,
      capacity.toLocaleString('en'),
      ...names.map((name) => (100 * (hitRatios[name] ?? Number.NaN)).toFixed(1)),
    ]),
  );
}

/** Markdown. */
export function costTable(costs: readonly Cost[]): string {
  return table(
    ['policy', 'ns a hit', 'ns a miss', 'bytes an entry'],
    costs.map(({ policy, hit, miss, memory }) => [
      policy,
      hit.toFixed(0),
      miss.toFixed(0),
      memory.toFixed(0),
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
