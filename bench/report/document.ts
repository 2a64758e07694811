import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Result } from '../results.ts';
import { cellsOf } from './cells.ts';
import type { RunDescription } from './description.ts';

const BEGIN = '<!-- bench:begin -->';
const END = '<!-- bench:end -->';

/** The page on performance, and the bars alone in the README where it has a place for them. */
export function updateDocuments(root: URL, description: RunDescription, tables: Tables): void {
  updateDocument(new URL('docs/performance.md', root), description, tables);
  const readme = new URL('README.md', root);
  if (existsSync(readme) && readFileSync(readme, 'utf8').includes(BEGIN)) {
    updateDocument(readme, description, { ...tables, comparisons: [] });
  }
}

/** Puts the tables between the markers of a document. @throws Error when it has no markers */
function updateDocument(file: URL, description: RunDescription, results: Tables): void {
  const text = readFileSync(file, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${file.pathname}: expected ${BEGIN} and ${END}`);
  const section = `${BEGIN}\n\n${sectionOf(description, results)}\n\n${text.slice(end)}`;
  writeFileSync(file, text.slice(0, begin) + section);
}

interface Tables {
  readonly rows: readonly Result[];
  readonly comparisons: readonly Result[];
}

function sectionOf(description: RunDescription, { rows, comparisons }: Tables): string {
  const { date, machine, node, redis, peers, rounds } = description;
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`);
  return [
    `Measured on ${date.slice(0, 10)} by \`npm run bench\`: ${machine.cpu}, ${machine.cores} cores, ` +
      `${machine.memory}, ${machine.system}; Node ${node}, Redis ${redis}; ${versions.join(', ')}. ` +
      `Medians of ${rounds} rounds; a ratio's range is that of its pairs of rounds.`,
    table(rows),
    ...(comparisons.length > 0 ? ['For comparison, without a bar:', table(comparisons)] : []),
  ].join('\n\n');
}

function table(results: readonly Result[]): string {
  const head = ['row', 'what', 'Understudy', 'peer', 'ratio (range)', 'bar', 'aim'];
  const lines = results.map((result) => {
    const { own, peer, ratio, bar, aim } = cellsOf(result);
    return [`\`${result.id}\``, result.title, own, peer, ratio, bar, aim];
  });
  return [head, head.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}
