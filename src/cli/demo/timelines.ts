import { bar, column } from '../terminal/bars.ts';
import { count, duration, percent } from '../terminal/numbers.ts';
import type { Paint } from '../terminal/paint.ts';
import type { Slice } from './meter.ts';
import { type Scene, SLICES } from './scene.ts';

const NAME_WIDTH = 17;
const VALUE_WIDTH = 20;
/** Columns of a row, beside the one at its left. */
export const WIDTH = NAME_WIDTH + SLICES + VALUE_WIDTH;

type Colour = 'green' | 'yellow' | 'red' | 'cyan';

/** A line that begins with a name. */
export function row(name: string, text: string): string {
  return ` ${name.padEnd(NAME_WIDTH)}${text}`;
}

/** Rows of which each tells a story over time. Green is what Redis answered, yellow what memory did in its place. */
export function timelines(scene: Scene, paint: Paint): string[] {
  const { meter, journal, journalPeak } = scene;
  const { slices } = meter;
  const now = slices.at(-1);
  const busiest = most(slices, rate);
  // Against a millisecond or more, so that noise does not look like trouble.
  const slowest = Math.max(
    5,
    most(slices, ({ p99 }) => p99),
  );
  const rows = (
    name: string,
    value: string,
    colour: (slice: Slice) => Colour,
    share: (slice: Slice) => number,
  ) => timeline(slices, name, value, (slice) => paint(colour(slice), column(share(slice))));
  return [
    rows(
      'calls a second',
      count(now === undefined ? 0 : rate(now)),
      answerer,
      (slice) => rate(slice) / busiest,
    ),
    rows('hit ratio', percent(now === undefined ? 0 : hitRatio(now)), answerer, hitRatio),
    rows('slowest 1 %', duration(now?.p99 ?? 0), answerer, ({ p99 }) => p99 / slowest),
    rows(
      'journal',
      `${count(journal)} waiting`,
      () => 'cyan',
      (slice) => slice.journal / Math.max(1, journalPeak),
    ),
    '',
    row('answered by', tierBar('Redis', 'green', now?.redis ?? 0, now, paint)),
    row('', tierBar('memory', 'yellow', now?.memory ?? 0, now, paint)),
    '',
    timeline(slices, 'with Understudy', failed(meter.errors, meter.calls, paint), ({ errors }) =>
      link(errors, paint),
    ),
    timeline(
      slices,
      'Redis alone',
      failed(meter.directFailures, meter.directCalls, paint),
      ({ directFailures }) => link(directFailures, paint),
    ),
  ];
}

function timeline(
  slices: readonly Slice[],
  name: string,
  value: string,
  draw: (slice: Slice) => string,
): string {
  return row(name, `${slices.map(draw).join('')}${' '.repeat(SLICES - slices.length)}  ${value}`);
}

function answerer({ redis, memory }: Slice): Colour {
  return memory > redis ? 'yellow' : 'green';
}

/** Calls a second. */
function rate({ calls, length }: Slice): number {
  return (calls * 1_000) / length;
}

function hitRatio({ hits, misses }: Slice): number {
  return hits / Math.max(1, hits + misses);
}

function tierBar(name: string, colour: Colour, reads: number, now: Slice | undefined, paint: Paint): string {
  const share = now === undefined ? 0 : reads / Math.max(1, now.redis + now.memory);
  const { full, empty } = bar(share, SLICES);
  return `${paint(colour, full)}${paint('dim', empty)}  ${name} ${percent(share)}`;
}

function link(failures: number, paint: Paint): string {
  return failures === 0 ? paint('green', '━') : paint('red', '╳');
}

function failed(failures: number, calls: number, paint: Paint): string {
  return paint(failures === 0 ? 'green' : 'red', `${count(failures)} of ${count(calls)} failed`);
}

function most(slices: readonly Slice[], value: (slice: Slice) => number): number {
  return slices.reduce((highest, slice) => Math.max(highest, value(slice)), 1);
}
