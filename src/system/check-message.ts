import { z } from 'zod';
import { describeIssues } from '../config/describe-issues.ts';
import { nearestName } from '../config/nearest-name.ts';
import { UnderstudyError } from '../runtime/errors.ts';
import type { MessageSchemas } from '../runtime/message-schema.ts';
import { actorOf, type Message } from '../runtime/protocol.ts';

/** Most faults of one message that are told. */
const MOST = 8;

/** Longest part of a message type or field name that is repeated. */
const LONGEST = 64;

/** Refuses what has no type, and so cannot be a message. */
export function checkType(message: unknown): asserts message is Message {
  const given = kindOf(message);
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw invalid(`message: expected an object with a type of the form <actor>.<verb>, got ${given}`);
  }
  const type: unknown = Reflect.get(message, 'type');
  if (typeof type === 'string') return;
  throw invalid(`type: expected a text of the form <actor>.<verb>, got ${kindOf(type)}`);
}

/** The message, as the schema of its type leaves it. Throws UNKNOWN_MESSAGE and INVALID_MESSAGE; never tells a value. */
export function checkMessage(schemas: MessageSchemas, message: Message): Message {
  const schema = Object.hasOwn(schemas, message.type) ? schemas[message.type] : undefined;
  if (schema === undefined) throw unknown(message.type, Object.keys(schemas));
  const result = schema['~standard'].validate(message);
  if (result instanceof Promise) {
    throw new UnderstudyError('INVALID_CONFIG', `${message.type}: its schema must validate synchronously`);
  }
  if (result.issues === undefined) return result.value;
  if (schema instanceof z.ZodType) {
    const { error } = schema.safeParse(message);
    const wording = { property: 'field', whole: 'message', shown: kindOf, most: MOST };
    throw invalid(
      `${message.type}: ${describeIssues(error?.issues ?? [], schema, message, wording).join('; ')}`,
    );
  }
  const places = result.issues.map(({ path = [] }) =>
    path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'),
  );
  throw invalid(
    `${message.type}: not what its schema expects: ${places.join(', ').slice(0, 256) || 'message'}`,
  );
}

/** Nobody has a message of this type. */
export function unknown(type: string, known: readonly string[]): UnderstudyError {
  const nearest = nearestName(type.slice(0, LONGEST), known);
  const actor = actorOf(type).slice(0, LONGEST);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  const text =
    known.length === 0 ? `there is no actor ${actor}` : `the actor ${actor} has no such message${hint}`;
  return new UnderstudyError('UNKNOWN_MESSAGE', `${type.slice(0, LONGEST)}: ${text}`);
}

function invalid(text: string): UnderstudyError {
  return new UnderstudyError('INVALID_MESSAGE', text);
}

function kindOf(given: unknown): string {
  if (given === undefined) return 'nothing';
  if (given === null) return 'null';
  if (Array.isArray(given)) return 'a list';
  if (typeof given === 'boolean') return 'true or false';
  if (typeof given === 'string') return 'a text';
  return typeof given === 'object' ? 'an object' : `a ${typeof given}`;
}
