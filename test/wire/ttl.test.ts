import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ttlMilliseconds } from '../../src/wire/ttl.ts';

/** Ten years. */
const MAX_TTL = 3_650 * 86_400_000;

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

test.each([
  [1, 1],
  [MAX_TTL, MAX_TTL],
  ['1ms', 1],
  ['250ms', 250],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['3650d', MAX_TTL],
  ['1.5h', 5_400_000],
  ['0.5s', 500],
  ['0.001s', 1],
])('%j is %d milliseconds', (ttl, milliseconds) => {
  expect(ttlMilliseconds(ttl)).toBe(milliseconds);
});

test.each([
  0,
  -1,
  0.5,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  MAX_TTL + 1,
  '',
  '5',
  'm',
  '5 m',
  ' 5m',
  '5M',
  '-5m',
  '+5m',
  '0s',
  '0.4ms',
  '1e3s',
  '5m30s',
  '3651d',
  '٥m',
  `${'9'.repeat(40)}d`,
  null,
  undefined,
  true,
  {},
  [1],
  new Date(),
  1n,
])('%s is refused with a typed error', (ttl) => {
  expect(() => ttlMilliseconds(ttl)).toThrow(expect.objectContaining({ code: 'INVALID_TTL' }));
});

test('whole numbers of any unit are that many of it', () => {
  const unit = fc.constantFrom(...(Object.keys(UNITS) as (keyof typeof UNITS)[]));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_650 }), unit, (count, name) => {
      expect(ttlMilliseconds(`${count}${name}`)).toBe(count * UNITS[name]);
    }),
  );
});

test('any text at all is a TTL within the limits or a typed refusal', () => {
  fc.assert(
    fc.property(fc.string(), (given) => {
      let milliseconds = 1;
      try {
        milliseconds = ttlMilliseconds(given);
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_TTL' });
      }
      expect(Number.isInteger(milliseconds) && milliseconds >= 1 && milliseconds <= MAX_TTL).toBe(true);
    }),
  );
});
