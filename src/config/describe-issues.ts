import { z } from 'zod';
import { describeSchema, innermost } from './describe-schema.ts';
import { nearestName } from './nearest-name.ts';

type Path = readonly PropertyKey[];

/** How to speak of what a schema refused. */
export interface Wording {
  /** What an unknown property is: an option, a field. */
  readonly property: string;
  /** How the whole is called. */
  readonly whole: string;
  /** What was given, so that it can be recognised and nothing is told that must not be. */
  readonly shown: (given: unknown, path: string) => string;
  /** How a path is called. */
  readonly nameOf?: (path: string) => string;
  /** Most lines. Default: all. */
  readonly most?: number;
}

/** A line for each issue: where, what was expected, what was given. */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  schema: z.core.$ZodType,
  input: unknown,
  { property, whole, shown, nameOf = (path) => path, most = Infinity }: Wording,
): string[] {
  const lines = issues.slice(0, most).flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code === 'unrecognized_keys') {
      const known = namesIn(schemaAt(schema, issue.path));
      return issue.keys
        .slice(0, most)
        .map(
          (key) =>
            `${[...issue.path, key].join('.').slice(0, 128)}: unknown ${property}; ${hint(key, known, issue.path)}`,
        );
    }
    const given = valueAt(input, issue.path);
    const own = issue.code === 'custom';
    const expected = own ? issue.message : `expected ${describeSchema(schemaAt(schema, issue.path))}`;
    // A rule between the properties of an object says itself what is wrong with them.
    const got = own && typeof given === 'object' && given !== null ? '' : `, got ${shown(given, path)}`;
    return [`${path === '' ? whole : nameOf(path)}: ${expected}${got}`];
  });
  return lines.slice(0, most);
}

function hint(key: string, known: readonly string[], parent: Path): string {
  const nearest = nearestName(key.slice(0, 128), known);
  if (nearest !== undefined) return `did you mean ${[...parent, nearest].join('.')}?`;
  return `expected ${known.length === 1 ? 'only' : 'one of'} ${known.join(', ')}`;
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}

function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType {
  return path.reduce<z.core.$ZodType>((current, key) => {
    const inner = innermost(current);
    if (inner instanceof z.ZodArray) return inner.def.element;
    if (inner instanceof z.ZodRecord) return inner.def.valueType;
    return inner instanceof z.ZodObject ? (inner.shape[String(key)] ?? inner) : inner;
  }, schema);
}

function namesIn(schema: z.core.$ZodType): string[] {
  const inner = innermost(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}
