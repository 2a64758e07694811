import type { Result } from '../results.ts';

/** The cells of a row that the terminal and the documentation show alike. */
export interface Cells {
  readonly own: string;
  readonly peer: string;
  readonly ratio: string;
  readonly bar: string;
  readonly aim: string;
}

export function cellsOf(result: Result): Cells {
  const { value, peer, peerValue, unit, problem, skipped } = result;
  if (problem !== undefined || skipped !== undefined) {
    const own = problem === undefined ? 'skipped' : 'failed';
    return { own, peer: '', ratio: '', bar: barOf(result), aim: '' };
  }
  return {
    own: quantity(value, unit),
    peer: peer === undefined ? '' : `${peer} ${quantity(peerValue, unit)}`,
    ratio: ratioOf(result),
    bar: barOf(result),
    aim: verdict(result.aim, result.aimUnit, result.aimOk),
  };
}

function barOf({ limit, bar, barUnit, ok }: Result): string {
  return [limit, verdict(bar, barUnit, ok)].filter((word) => word !== undefined && word !== '').join(' ');
}

function verdict(limit: number | undefined, unit: string | undefined, kept: boolean | undefined): string {
  if (limit === undefined) return '';
  return `${[limit, unit].filter((word) => word !== undefined).join(' ')}: ${kept ? 'ok' : 'missed'}`;
}

/** `2.73 x (2.61 to 2.80)`. */
function ratioOf({ ratio, spread }: Result): string {
  if (ratio === undefined || spread === undefined) return '';
  return `${ratio.toFixed(2)} x (${spread[0].toFixed(2)} to ${spread[1].toFixed(2)})`;
}

/** `812 k/s`, `75.1 us`, `0.62 s`. */
function quantity(value: number | undefined, unit: string | undefined): string {
  if (value === undefined || unit === undefined) return '';
  if (unit !== 'ops/s') return `${digits(value)} ${unit}`;
  return value >= 1e6 ? `${digits(value / 1e6)} M/s` : `${digits(value / 1e3)} k/s`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
