import type { ChildSpec } from '../runtime/child-spec.ts';
import { UnderstudyError } from '../runtime/errors.ts';

const ID = /^[A-Za-z][\w-]{0,63}$/;
/** Names of the built-in actors, and the first part of event types that are not messages. */
const RESERVED = [
  'supervisor',
  'cache',
  'circuit-breaker',
  'coherence',
  'health',
  'metrics',
  'system',
  'xstate',
];
const RESTARTS: readonly unknown[] = ['permanent', 'transient', 'temporary'];

type Check = (value: unknown) => string | undefined;

const isId: Check = (id) => {
  if (typeof id !== 'string' || !ID.test(id))
    return 'a name of letters, digits, - and _ that begins with a letter';
  return RESERVED.includes(id) ? `another name than those of the built-in actors, got ${id}` : undefined;
};
const isBoolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
const isFunction: Check = (value) => (typeof value === 'function' ? undefined : 'a function');
const isRestart: Check = (value) => (RESTARTS.includes(value) ? undefined : `one of ${RESTARTS.join(', ')}`);
const wholeFrom =
  (least: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= least ? undefined : `a whole number from ${least}`;
const areTypes: Check = (value) =>
  Array.isArray(value) && value.every((type) => typeof type === 'string')
    ? undefined
    : 'a list of message types';

const areSchemas: Check = (value) =>
  typeof value === 'object' && value !== null && Object.values(value).every(isSchema)
    ? undefined
    : 'a Standard Schema by message type';

const REQUIRED: Record<string, Check> = { id: isId, start: isFunction };
const OPTIONAL: Record<Exclude<keyof ChildSpec, 'id' | 'start'>, Check> = {
  restart: isRestart,
  shutdown: wholeFrom(0),
  capacity: wholeFrom(1),
  settles: isBoolean,
  witness: isBoolean,
  urgent: areTypes,
  idempotent: areTypes,
  schemas: areSchemas,
};

function isSchema(schema: unknown): boolean {
  return (
    ((typeof schema === 'object' && schema !== null) || typeof schema === 'function') && '~standard' in schema
  );
}

/** Throws INVALID_CONFIG that lists every problem of an actor's definition. */
export function checkDefinition(definition: unknown): void {
  if (typeof definition !== 'object' || definition === null) {
    throw new UnderstudyError('INVALID_CONFIG', `actor: expected a definition, got ${typeof definition}`);
  }
  const problems: string[] = [];
  for (const [name, check] of Object.entries({ ...REQUIRED, ...OPTIONAL })) {
    const value: unknown = Reflect.get(definition, name);
    if (value === undefined && !(name in REQUIRED)) continue;
    const expected = check(value);
    if (expected !== undefined) problems.push(`${name}: expected ${expected}`);
  }
  for (const name of Object.keys(definition)) {
    if (!(name in REQUIRED) && !(name in OPTIONAL)) problems.push(`${name}: unknown option`);
  }
  if (problems.length === 0) return;
  const id: unknown = Reflect.get(definition, 'id');
  const who = typeof id === 'string' ? id.slice(0, 64) : 'without an id';
  throw new UnderstudyError('INVALID_CONFIG', `Invalid actor ${who}:\n- ${problems.join('\n- ')}`);
}
