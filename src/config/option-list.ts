import { z } from 'zod';
import { annotations } from './annotations.ts';
import { describeSchema, innermost } from './describe-schema.ts';
import { TLS_FILES } from './redis-schema.ts';
import { optionsSchema } from './schema.ts';

/** One option that takes a value. */
export interface Option {
  /** Where it stands in the object: `memory.maxEntries`. */
  readonly path: string;
  /** Its variable: `UNDERSTUDY_MEMORY_MAX_ENTRIES`. */
  readonly variable: string;
  /** What is expected, in words. */
  readonly expected: string;
  /** Undefined where there is none. */
  readonly default: unknown;
  /** What the text of the variable stands for. */
  readonly fromText: (text: string) => unknown;
  /** The variable names a file, whose content is the value. */
  readonly file?: true;
}

export const VARIABLE_PREFIX = 'UNDERSTUDY_';

/** Every option, in the order of the schema. */
export function listOptions(): Option[] {
  return optionsBelow(optionsSchema, '');
}

function optionsBelow(schema: z.core.$ZodType, path: string): Option[] {
  const inner = innermost(schema);
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([name, child]) =>
      optionsBelow(child, path === '' ? name : `${path}.${name}`),
    );
  }
  const option: Option = {
    path,
    variable: variableOf(path),
    expected: describeSchema(inner),
    default: defaultOf(schema),
    fromText: annotations.get(inner)?.fromText ?? ((text) => text),
  };
  return path === 'redis.tls' ? [option, ...TLS_FILES.map((name) => tlsFile(`${path}.${name}`))] : [option];
}

function tlsFile(path: string): Option {
  return {
    path,
    variable: variableOf(path),
    expected: 'PEM text; as a variable the path of its file',
    default: undefined,
    fromText: (text) => text,
    file: true,
  };
}

/** `memory.maxEntries` -> `UNDERSTUDY_MEMORY_MAX_ENTRIES`. */
function variableOf(path: string): string {
  return VARIABLE_PREFIX + path.replace(/[A-Z]/g, '_$&').replaceAll('.', '_').toUpperCase();
}

function defaultOf(schema: z.core.$ZodType): unknown {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? schema.def.defaultValue
    : undefined;
}
