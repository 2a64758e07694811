import { Command } from 'commander';
import { Opening } from '../../src/wire/opening.ts';
import { Packing, type PackingOptions } from '../../src/wire/packing.ts';
import { ALGORITHM_NAMES, CODEC_NAMES, ISOLATIONS } from '../../src/wire/packing-options.ts';
import { Seal } from '../../src/wire/seal.ts';
import { encodeStored } from '../../src/wire/stored.ts';
import { Values } from '../../src/wire/values.ts';
import { SAMPLES } from './samples.ts';
import { nanoseconds } from './stopwatch.ts';

const HELP = `
Of each sample value, for each way to store it: characters of the stored text, and microseconds to write and to read it. Then, for
each isolation, nanoseconds to hand out a value that memory has read already.

Examples:
  npm run codecs                            the tables of docs/bytes.md

The exit code is 0, and 2 for a wrong option.`;

const program = new Command('npm run codecs --')
  .description('Measures codecs, compression, seals and isolation side by side.')
  .addHelpText('after', HELP)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program.parse(process.argv.slice(2), { from: 'user' });

const VERSION = '0199aaaaaaaa-0000-9f8e7d6c';
const KEYS = [{ id: 'k1', secret: 'x'.repeat(32) }];

const ways: readonly (readonly [name: string, options: PackingOptions])[] = [
  ...CODEC_NAMES.filter((codec) => codec !== 'raw').map((codec) => [codec, { codec }] as const),
  ...ALGORITHM_NAMES.map(
    (algorithm) => [`json, ${algorithm}`, { compression: { algorithm, threshold: 1 } }] as const,
  ),
  ['json, encrypt', { seal: new Seal('encrypt', KEYS, 'bench:') }],
  ['json, sign', { seal: new Seal('sign', KEYS, 'bench:') }],
  [
    'json, zstd, encrypt',
    { compression: { algorithm: 'zstd', threshold: 1 }, seal: new Seal('encrypt', KEYS, 'bench:') },
  ],
];

function stored(values: Values, value: unknown): string {
  const packed = values.pack('key', value, '');
  if (packed instanceof Promise) throw new Error('expected it to be packed at once');
  return encodeStored(VERSION, 1_763_700_000_000, 1_763_703_600_000, packed.text, packed.said);
}

const names = Object.keys(SAMPLES);
const rows = ways.map(([name, options]) => {
  const cells = Object.values(SAMPLES).flatMap(({ value, msgpack = true }) => {
    if (name === 'msgpack' && !msgpack) return ['refused', '', ''];
    const values = new Values({ packing: new Packing(options) });
    const text = stored(values, value);
    const read = (): unknown => values.read('key', text);
    if (read() instanceof Opening) throw new Error('expected it to be read at once');
    const [write, parse] = [nanoseconds(() => stored(values, value)), nanoseconds(read)];
    return [String(text.length), (write / 1_000).toFixed(1), (parse / 1_000).toFixed(1)];
  });
  return `| \`${name}\` | ${cells.join(' | ')} |`;
});
console.log(`| way | ${names.flatMap((name) => [`${name}: length`, 'write', 'read']).join(' | ')} |`);
console.log(`|---|${names.map(() => '---|---|---|').join('')}`);
console.log(rows.join('\n'));

console.log(`\n| isolation | ${names.join(' | ')} |`);
console.log(`|---|${names.map(() => '---|').join('')}`);
for (const isolation of ISOLATIONS) {
  const cells = Object.values(SAMPLES).map(({ value }) => {
    const values = new Values({ isolation });
    const text = stored(values, value);
    const rich = values.rich('key', text);
    const known = values.read('key', text);
    return nanoseconds(() => values.again(known, rich)).toFixed(0);
  });
  console.log(`| \`${isolation}\` | ${cells.join(' | ')} |`);
}
