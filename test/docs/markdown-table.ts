import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCS = join(import.meta.dirname, '../../docs');

export function readDoc(name: string): string {
  return readFileSync(join(DOCS, name), 'utf8');
}

/** Rows of the first table below a heading, or of the document, by the names of their columns. Backticks are dropped. */
export function tableIn(document: string, heading?: string): Record<string, string>[] {
  const from = heading === undefined ? 0 : document.indexOf(`\n${heading}\n`);
  if (from < 0) throw new Error(`No heading ${heading}`);
  const lines = document.slice(from).split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  if (first < 0) throw new Error(`No table below ${heading ?? 'the beginning'}`);
  const after = lines.slice(first).findIndex((line) => !line.startsWith('|'));
  const [head = [], , ...rows] = lines.slice(first, after < 0 ? undefined : first + after).map(cellsOf);
  return rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ''])));
}

function cellsOf(line: string): string[] {
  const cells = line.split(/(?<!\\)\|/).slice(1, -1);
  return cells.map((cell) => cell.trim().replaceAll('`', '').replaceAll('\\|', '|'));
}
