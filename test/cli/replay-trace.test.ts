import { expect, test } from 'vitest';
import type { TraceLine } from '../../src/cli/replay/trace-line.ts';
import { TraceReader } from '../../src/cli/replay/trace-reader.ts';
import { traceFile } from './trace-files.ts';

async function linesOf(content: string, limit?: number): Promise<TraceLine[]> {
  const reader = await TraceReader.open(traceFile(content), limit);
  const lines: TraceLine[] = [];
  for await (const line of reader.lines()) lines.push(line);
  return lines;
}

const keysOf = async (content: string): Promise<string[]> =>
  (await linesOf(content)).flatMap((line) => line.keys);

test('one key per line: any Unicode, CRLF or LF, with or without an end of the last line', async () => {
  expect(await keysOf('user:1\r\nнутрия\n{tag}:x y\n\n日本')).toEqual([
    'user:1',
    'нутрия',
    '{tag}:x y',
    '日本',
  ]);
});

test('a byte order mark is no part of the first key', async () => {
  expect(await keysOf('\uFEFFuser:1\n')).toEqual(['user:1']);
});

test('Mooncake: what a line reads together, and when', async () => {
  const content =
    '{"timestamp": 0, "input_length": 9, "hash_ids": [0, 1]}\n\n{"timestamp": 27, "hash_ids": []}\n';
  expect(await linesOf(content)).toEqual([
    { keys: ['block:0', 'block:1'], timestamp: 0 },
    { keys: [], timestamp: 27 },
  ]);
});

test('a line that spans many chunks of the file is one line', async () => {
  const ids = Array.from({ length: 100_000 }, (_, id) => id);
  const [line] = await linesOf(JSON.stringify({ timestamp: 0, hash_ids: ids }));
  expect(line?.keys).toHaveLength(100_000);
});

test('progress goes from 0 to 1 with the file, or with the limit where that is reached first', async () => {
  const reader = await TraceReader.open(traceFile('aaaa\nbbbb\ncccc\ndddd\n'));
  const seen: number[] = [reader.progress];
  for await (const _ of reader.lines()) seen.push(reader.progress);
  expect(seen).toEqual([0, 0.25, 0.5, 0.75, 1]);

  const limited = await TraceReader.open(traceFile('aaaa\nbbbb\ncccc\ndddd\n'), 2);
  const lines: string[] = [];
  for await (const { keys } of limited.lines()) lines.push(`${keys} ${limited.progress}`);
  expect(lines).toEqual(['aaaa 0.5', 'bbbb 1']);
});

test('what comes after the limit is not looked at', async () => {
  expect(await linesOf('{"timestamp":0,"hash_ids":[1]}\nnonsense\n', 1)).toHaveLength(1);
});

const GOOD = '{"timestamp": 0, "hash_ids": [1]}\n';
test.each([
  ['cut off', `${GOOD}{"timestamp": 0, "hash_`, 'line 2: expected a JSON object'],
  ['a key among objects', `${GOOD}\n${GOOD}user:1\n`, 'line 4: expected a JSON object'],
  ['no timestamp', '{"hash_ids": [1]}\n', 'line 1: timestamp: expected milliseconds'],
  ['a timestamp before the beginning', '{"timestamp": -1, "hash_ids": [1]}\n', 'line 1: timestamp'],
  ['no ids', '{"timestamp": 0}\n', 'line 1: hash_ids: expected an array'],
  [
    'an id that is a text',
    '{"timestamp": 0, "hash_ids": [1, "2"]}\n',
    'line 1: hash_ids[1]: expected a whole number',
  ],
  ['an array', `${GOOD}[1]\n`, 'line 2: expected a JSON object'],
  ['a key of more than 1 KiB', `ok\n${'k'.repeat(1025)}\n`, 'line 2: key: expected'],
  ['nothing', '', 'expected a line or more, got none'],
  ['blank lines', '\n \r\n\n', 'expected a line or more, got none'],
])('%s is refused, with the number of the line', async (_, content, message) => {
  await expect(linesOf(content)).rejects.toThrow(message);
});

test('a line without an end is refused before it fills the memory', async () => {
  await expect(linesOf('k'.repeat(5_000_000))).rejects.toThrow('line 1: longer than');
});

test('no file, and no file but a directory, are said to be so', async () => {
  await expect(TraceReader.open('/no/such/trace')).rejects.toThrow('/no/such/trace: cannot be read (ENOENT)');
  await expect(TraceReader.open('/')).rejects.toThrow('expected a file, got a directory');
});
