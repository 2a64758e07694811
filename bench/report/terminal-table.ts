import type { Result } from '../results.ts';
import { type Cells, cellsOf } from './cells.ts';

const HEAD: Cells = { own: 'Understudy', peer: 'peer', ratio: 'ratio (range)', bar: 'bar', aim: 'aim' };

/** Aligned columns, as wide as they have to be. */
export function terminalTable(results: readonly Result[]): string {
  const lines = [['row', ...columnsOf(HEAD)], ...results.map((row) => [row.id, ...columnsOf(cellsOf(row))])];
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

function columnsOf({ own, peer, ratio, bar, aim }: Cells): string[] {
  return [own, peer, ratio, bar, aim];
}
