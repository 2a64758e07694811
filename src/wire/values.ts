import { UnderstudyError } from '../runtime/errors.ts';
import { cloneJson } from './clone.ts';
import { jsonCodec } from './codec.ts';
import { Namespaces } from './namespaces.ts';
import { pathOf, type StandardSchema } from './standard-schema.ts';
import { readValue, UNREADABLE } from './stored.ts';

/** What values and stored texts mean to each other, by the namespace of their key. */
export class Values {
  readonly namespaces: Namespaces;
  readonly #maxLength: number;
  /** Whether there is any namespace whose values are to fit a schema: else what is read is what was stored. */
  readonly #checked: boolean;
  /** Values that were read and did not fit. */
  misfits = 0;

  /** `maxLength`: characters of an encoded value. */
  constructor(namespaces: Namespaces = new Namespaces(), maxLength: number = Number.POSITIVE_INFINITY) {
    this.namespaces = namespaces;
    this.#maxLength = maxLength;
    this.#checked = [...namespaces].some(({ schema }) => schema !== undefined);
  }

  /** The value in the stored text of a key, {@link UNREADABLE}, or undefined where it is known that there is none. */
  read(key: string, stored: string): unknown {
    const value = readValue(stored);
    return this.#checked && value !== UNREADABLE && value !== undefined ? this.#fitting(key, value) : value;
  }

  #fitting(key: string, value: unknown): unknown {
    const schema = this.namespaces.of(key)?.schema;
    if (schema === undefined) return value;
    const output = outputOf(schema, value);
    if (output === UNREADABLE) this.misfits++;
    return output;
  }

  /** A value of the reader's own. */
  copy(value: unknown): unknown {
    return cloneJson(value);
  }

  /** The encoded value. Throws INVALID_VALUE for what cannot be held, is too long, or does not fit its namespace. */
  encode(key: string, value: unknown): string {
    if (this.#checked) this.#checkFit(key, value);
    const text = jsonCodec.encode(value);
    if (text.length <= this.#maxLength) return text;
    throw new UnderstudyError(
      'INVALID_VALUE',
      `value: expected at most ${this.#maxLength} characters once encoded, got ${text.length}`,
    );
  }

  #checkFit(key: string, value: unknown): void {
    const namespace = this.namespaces.of(key);
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
