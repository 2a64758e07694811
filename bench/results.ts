import type { Measured } from './figures.ts';
import type { Limit, Row } from './row.ts';

/** A row as `--json` prints it. Without `problem` and `skipped` it was measured. */
export interface Result {
  readonly id: string;
  readonly title: string;
  /** Operations per second: medians over the rounds. */
  readonly ops?: number;
  readonly peer?: string;
  readonly peerOps?: number | undefined;
  /** Own to peer in `value`, or in throughput where `value` is a time in ns: the median of all pairs of rounds. */
  readonly ratio?: number | undefined;
  readonly bar?: number;
  /** Whether the bar was kept. Rows without a bar have none. */
  readonly ok?: boolean;
  /** Which side of the bar is good. */
  readonly limit?: 'at least' | 'at most';
  /** `x` for a bar on the ratio, else the unit of `value`. */
  readonly barUnit?: string;
  readonly aim?: number;
  readonly aimOk?: boolean;
  readonly aimUnit?: string;
  readonly unit?: string;
  readonly value?: number;
  readonly peerValue?: number | undefined;
  /** Least and greatest ratio of a pair of rounds; of `value`, where there is no peer. */
  readonly spread?: readonly [number, number];
  readonly problem?: string;
  readonly skipped?: string;
}

/** What was measured, beside what it has to be. */
export function judge(row: Row, unit: string, measured: Omit<Measured, 'ops'> & { ops?: number }): Result {
  const { ops, peerOps, peerValue, spread } = measured;
  // Judged as they are printed.
  const value = significant(measured.value);
  const ratio = measured.ratio === undefined ? undefined : significant(measured.ratio);
  const { id, title, bar, aim } = row;
  return {
    id,
    title,
    ...(ops === undefined ? {} : { ops: Math.round(ops) }),
    ...(peerOps === undefined ? {} : { peer: peerOf(row), peerOps: Math.round(peerOps) }),
    ...(ratio === undefined ? {} : { ratio }),
    ...(bar && {
      bar: bar.value,
      ok: keeps(bar, value, ratio),
      limit: `at ${bar.at}` as const,
      barUnit: bar.of === 'ratio' ? 'x' : unit,
    }),
    ...(aim && { aim: aim.value, aimOk: keeps(aim, value, ratio), aimUnit: aim.of === 'ratio' ? 'x' : unit }),
    unit,
    value,
    ...(peerValue === undefined ? {} : { peerValue: significant(peerValue) }),
    spread: [significant(spread[0]), significant(spread[1])],
  };
}

/** A row that could not be measured has not kept its bar. */
export function failed({ id, title, bar }: Row, problem: string): Result {
  return { id, title, ...(bar && { bar: bar.value, ok: false, limit: `at ${bar.at}` as const }), problem };
}

export function skipped({ id, title }: Row, reason: string): Result {
  return { id, title, skipped: reason };
}

function keeps(limit: Limit, value: number, ratio = Number.NaN): boolean {
  const figure = limit.of === 'ratio' ? ratio : value;
  return limit.at === 'least' ? figure >= limit.value : figure <= limit.value;
}

function peerOf(row: Row): string {
  if (row.kind !== 'race' || row.race.peer === undefined) return '';
  const { contender } = row.race.peer;
  if (contender !== 'understudy') return contender;
  if (row.race.own.terms === 'tagged') return 'understudy, no tags';
  return row.race.own.near ? 'understudy, no Redis' : 'understudy, tracing off';
}

/** Four digits are more than any of this is good for. */
function significant(value: number): number {
  return Number(value.toPrecision(4));
}
