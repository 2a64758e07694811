import { InvalidArgumentError } from 'commander';
import { isUnderstudyError } from '../../runtime/errors.ts';
import { ttlMilliseconds } from '../../wire/ttl.ts';
import { FAULTS, type Fault } from './faults.ts';

/** A parser for an option that is a whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

/** A parser for an option that is a number above 0. */
export function factor(text: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('Expected a number above 0.');
}

/** A parser for milliseconds, or a time like `5m`. */
export function time(text: string): number {
  const milliseconds = millisecondsOf(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new InvalidArgumentError("Expected milliseconds or a time like '30s', '5m', '1h'.");
}

/** A parser for names of faults with commas between them. */
export function faults(text: string): Fault[] {
  return text.split(',').map((name) => {
    const fault = FAULTS.find((known) => known === name.trim());
    if (fault !== undefined) return fault;
    throw new InvalidArgumentError(`Expected ${FAULTS.join(', ')}, or several with commas between them.`);
  });
}

/** Whether a text is an address of a Redis. Not a parser: commander repeats what a parser refuses, passwords and all. */
export function isRedisUrl(text: string): boolean {
  return URL.canParse(text) && ['redis:', 'rediss:', 'unix:'].includes(new URL(text).protocol);
}

function millisecondsOf(text: string): number | undefined {
  try {
    return ttlMilliseconds(/^\d+$/.test(text) ? Number(text) : text);
  } catch (error) {
    if (isUnderstudyError(error, 'INVALID_TTL')) return undefined;
    throw error;
  }
}
