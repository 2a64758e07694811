import type { z } from 'zod';
import { describeIssues } from './describe-issues.ts';
import { optionsSchema } from './schema.ts';
import { masked } from './secrets.ts';

const LONGEST = 64;

/** What is wrong with options, a line for each problem: which option, what was expected, what was given. */
export function describeProblems(
  error: z.core.$ZodError,
  input: unknown,
  nameOf: (path: string) => string = (path) => path,
): string[] {
  return describeIssues(error.issues, optionsSchema, input, {
    property: 'option',
    whole: 'options',
    shown,
    nameOf,
  });
}

function shown(given: unknown, path: string): string {
  const value = masked(path, given);
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string')
    return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
