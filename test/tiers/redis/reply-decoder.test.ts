import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Reply, ReplyDecoder, ReplyError } from '../../../src/tiers/redis/reply-decoder.ts';

/** As a server writes it. */
function encode(reply: Reply): Buffer {
  if (reply === null) return Buffer.from('$-1\r\n');
  if (typeof reply === 'number') return Buffer.from(`:${reply}\r\n`);
  if (reply instanceof ReplyError) return Buffer.from(`-${reply.message}\r\n`);
  if (Array.isArray(reply)) return Buffer.concat([Buffer.from(`*${reply.length}\r\n`), ...reply.map(encode)]);
  return Buffer.concat([
    Buffer.from(`$${Buffer.byteLength(reply)}\r\n`),
    Buffer.from(reply),
    Buffer.from('\r\n'),
  ]);
}

const { reply } = fc.letrec<{ reply: Reply; array: Reply[] }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc.string(),
    fc.maxSafeInteger(),
    fc.constant(null),
    fc.stringMatching(/^[A-Z]{3,8} [ -~]{0,20}$/).map((message) => new ReplyError(message)),
    tie('array'),
  ),
  array: fc.array(tie('reply'), { maxLength: 5 }),
}));

function decode(chunks: readonly Buffer[]): Reply[] {
  const replies: Reply[] = [];
  const decoder = new ReplyDecoder((one) => replies.push(one));
  for (const chunk of chunks) decoder.write(chunk);
  return replies;
}

test('whatever is answered comes out as it was, wherever it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(reply, { maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }),
      (replies, sizes) => {
        const bytes = Buffer.concat(replies.map(encode));
        const chunks: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(decode(chunks)).toEqual(replies);
      },
    ),
    { numRuns: 500 },
  );
});

test('a long string in many pieces is joined once it is whole', () => {
  const text = 'é'.repeat(200_000);
  const bytes = encode([text, 'after']);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 65_536) chunks.push(bytes.subarray(at, at + 65_536));
  expect(decode(chunks)).toEqual([[text, 'after']]);
});

test('simple strings, empty arrays and null arrays are replies as well', () => {
  expect(decode([Buffer.from('+OK\r\n*0\r\n*-1\r\n$0\r\n\r\n:-5\r\n')])).toEqual(['OK', [], null, '', -5]);
});

test.each(['?what\r\n', '$x\r\n', '*1\r\n%1\r\n'])('bytes that are no reply are refused: %j', (bytes) => {
  expect(() => decode([Buffer.from(bytes)])).toThrow(/^expected a (?:reply of|number from) Redis/);
});
