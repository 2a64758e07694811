/**
 * What JSON has no form for stands as an object of one property whose name begins with `$`: `{"$date":"2026-01-01T…Z"}`. A name
 * of the user's that begins so is written with one more `$`, so neither can be taken for the other.
 *
 *     $date       ISO text, or null for one that is invalid
 *     $map        [[key, value], …]
 *     $set        [member, …]
 *     $bigint     decimal text
 *     $number     "NaN", "Infinity", "-Infinity" or "-0"
 *     $undefined  true
 *     $bytes      [kind of array, base64 of what is in it, little-endian]
 *     $regexp     [source, flags]
 *     $error      { kind, name?, message, cause?, errors?, properties? }
 *     $ref        number of an object that came before, in their order; of `structured` alone
 */
export const MARK = '$';

export type Tag =
  | 'date'
  | 'map'
  | 'set'
  | 'bigint'
  | 'number'
  | 'undefined'
  | 'bytes'
  | 'regexp'
  | 'error'
  | 'ref';

/** Kinds of errors that stay what they are; one of a class of its own is the nearest of these, with its name. */
export const ERRORS: ReadonlyMap<unknown, ErrorConstructor> = new Map(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, Error].map((kind) => [
    kind.name,
    kind,
  ]),
);

/** Longest source of a RegExp: reading one costs nothing, but whoever uses it pays for every character. */
export const MAX_SOURCE = 4_096;

/** Deeper than data is, and far from what would overflow the stack. */
export const MAX_DEPTH = 500;
