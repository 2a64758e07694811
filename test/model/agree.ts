import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';

/** Expects what a model says. What is the same is not handed to `expect`, which costs more than most of what is tested. */
export function agree(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}
