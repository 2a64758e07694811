import { UnderstudyError } from '../runtime/errors.ts';
import type { Namespace } from './namespaces.ts';
import { pathOf, type StandardSchema } from './standard-schema.ts';
import { UNREADABLE } from './stored.ts';

/** Refuses a value that does not fit the schema of its namespace: INVALID_VALUE, with the place and not what stands there. */
export function checkFit(value: unknown, namespace: Namespace | undefined): void {
  if (namespace?.schema === undefined) return;
  const result = namespace.schema['~standard'].validate(value);
  if (result instanceof Promise) {
    result.catch(() => {});
    throw new UnderstudyError(
      'INVALID_VALUE',
      `value: expected the schema of ${namespace.name} to check at once, got one that makes promises`,
    );
  }
  if (result.issues === undefined) return;
  // The messages of a schema may repeat the value.
  const paths = result.issues.map((issue) => pathOf(issue) || 'the value itself');
  throw new UnderstudyError(
    'INVALID_VALUE',
    `value: expected what fits the schema of ${namespace.name}, got what does not at ${paths.join(', ')}`,
  );
}

/** What a schema makes of a value, or UNREADABLE where it does not fit. */
export function outputOf(schema: StandardSchema, value: unknown): unknown {
  try {
    const result = schema['~standard'].validate(value);
    if (!(result instanceof Promise)) return result.issues === undefined ? result.value : UNREADABLE;
    result.catch(() => {});
    return UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}
