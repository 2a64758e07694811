import fc from 'fast-check';

/** A number that JSON, and the codec that keeps to it, tell apart: all but the zero that is negative. */
const number = fc.oneof(fc.integer(), fc.double()).map((value) => (value === 0 ? 0 : value));

const bytes = fc.oneof(
  fc.uint8Array(),
  fc.uint8Array().map((array) => Buffer.from(array)),
  fc.uint8Array().map((array) => array.buffer.slice(0)),
  fc.uint8Array().map((array) => new DataView(array.slice().buffer)),
  fc.int16Array(),
  fc.uint32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
);

const regExp = fc.tuple(
  fc.constantFrom('a', '(?<x>b+)|c', '[\\d/]', '\\u{1f600}'),
  fc.constantFrom('', 'gi', 'u'),
);

/** Names that look like tags, or reach for a prototype. */
const name = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '$',
    '$date',
    '$$date',
    '$map',
    '$ref',
    '$bigint',
    '__proto__',
    'constructor',
    'toJSON',
    'length',
  ),
);

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  number,
  fc.string({ unit: 'binary' }),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
  bytes,
  regExp.map(
    ([source, flags]) => new RegExp(source, flags.replace('gi', source.includes('u{') ? 'u' : 'gi')),
  ),
);

/** A plain object whose properties are its own, whatever their names. */
function record(entries: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(entries);
}

function errorOf(kind: ErrorConstructor, message: string, cause: unknown, code: unknown): Error {
  const error = cause === undefined ? new kind(message) : new kind(message, { cause });
  return code === undefined ? error : Object.assign(error, { code });
}

/** Whatever the codecs `json` and `structured` keep. */
export const richValue = fc.letrec<{ value: unknown }>((tie) => {
  const value = tie('value');
  const list = fc.array(value, { maxLength: 5 });
  const pairs = fc.array(fc.tuple(value, value), { maxLength: 5 });
  return {
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      list,
      list.map((items) => [...items, undefined]),
      list.map((items) => new Set(items)),
      pairs.map((entries) => new Map(entries)),
      fc.array(fc.tuple(name, value), { maxLength: 5 }).map(record),
      fc
        .tuple(
          fc.constantFrom(Error, TypeError, RangeError, SyntaxError),
          fc.string(),
          fc.option(value, { nil: undefined }),
          fc.option(value, { nil: undefined }),
        )
        .map(([kind, message, cause, code]) => errorOf(kind, message, cause, code)),
    ),
  };
}).value;
