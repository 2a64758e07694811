import { UnderstudyError } from '../runtime/errors.ts';
import { canonicalHash, canonicalJson } from '../wire/canonical.ts';

/** A context that keys are kept apart by. */
export class Scope {
  /** Begins every key of the context: its whole SHA-256 in hexadecimal, and a colon. */
  readonly prefix: string;
  readonly #context: Readonly<Record<string, unknown>>;

  /**
   * `context` within `outer`: what both say, together. Throws INVALID_KEY for what JSON cannot tell apart, for anything but a
   * plain object, and where it says something else than `outer` does, as that would lead out of it.
   */
  constructor(context: unknown, outer?: Scope) {
    const text = canonicalJson(context, 'context');
    if (!text.startsWith('{')) throw refused('a plain object');
    // A copy, so that nobody changes it later.
    const own: Record<string, unknown> = JSON.parse(text);
    const around = outer === undefined ? {} : outer.#context;
    for (const name of Object.keys(own)) {
      if (Object.hasOwn(around, name) && canonicalJson(around[name], name) !== canonicalJson(own[name], name))
        throw refused('no property to be given two values, one within the other');
    }
    this.#context = { ...around, ...own };
    this.prefix = `${canonicalHash(this.#context, 'context')}:`;
  }
}

function refused(expected: string): UnderstudyError {
  return new UnderstudyError('INVALID_KEY', `context: expected ${expected}`);
}
