import { z } from 'zod';
import { annotations } from './annotations.ts';

/** The schema under what only adds a default or allows its absence. */
export function innermost(schema: z.core.$ZodType): z.core.$ZodType {
  if (annotations.has(schema)) return schema;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return innermost(schema.def.innerType);
  if (
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodExactOptional
  )
    return innermost(schema.def.innerType);
  return schema instanceof z.ZodPipe ? innermost(schema.def.in) : schema;
}

/** What a schema expects, in words: `a whole number of milliseconds above 0`. */
export function describeSchema(schema: z.core.$ZodType): string {
  const inner = innermost(schema);
  const { expected, unit } = annotations.get(inner) ?? {};
  if (expected !== undefined) return expected;
  if (inner instanceof z.ZodNumber) {
    return `a ${inner.isInt ? 'whole ' : ''}number${unit === undefined ? '' : ` of ${unit}`}${range(inner)}`;
  }
  if (inner instanceof z.ZodString)
    return `${inner.minLength === 1 ? 'a non-empty' : 'a'} text${length(inner)}`;
  if (inner instanceof z.ZodBoolean) return 'true or false';
  if (inner instanceof z.ZodEnum) return `one of ${inner.options.join(', ')}`;
  if (inner instanceof z.ZodLiteral) return [...inner.values].map(String).join(' or ');
  if (inner instanceof z.ZodArray) return `a list (each: ${describeSchema(inner.def.element)})`;
  if (inner instanceof z.ZodUnion) return inner.options.map(describeSchema).join(' or ');
  if (inner instanceof z.ZodObject || inner instanceof z.ZodRecord) return 'an object';
  return 'a value';
}

function range(schema: z.ZodNumber): string {
  const exclusive = (schema.def.checks ?? [])
    .map((check) => check._zod.def)
    .some((def) => def.check === 'greater_than' && 'inclusive' in def && def.inclusive === false);
  const least = schema.minValue ?? Number.NEGATIVE_INFINITY;
  const most = schema.maxValue ?? Number.POSITIVE_INFINITY;
  const bounded = Math.abs(most) < Number.MAX_SAFE_INTEGER;
  if (!(Math.abs(least) < Number.MAX_SAFE_INTEGER)) return bounded ? ` of at most ${most}` : '';
  if (exclusive) return ` above ${least}${bounded ? ` and up to ${most}` : ''}`;
  return bounded ? ` from ${least} to ${most}` : ` of at least ${least}`;
}

function length(schema: z.ZodString): string {
  const { minLength, maxLength } = schema;
  if (maxLength !== null) return ` of at most ${maxLength} characters`;
  return minLength !== null && minLength > 1 ? ` of at least ${minLength} characters` : '';
}
