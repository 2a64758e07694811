import { UnderstudyError } from '../runtime/errors.ts';
import { Aside } from './aside.ts';
import { cloneJson, cloneRich } from './clone.ts';
import type { Encoded } from './codecs/codec.ts';
import { checkFit, outputOf } from './fitting.ts';
import { freezeJson } from './freeze.ts';
import { Namespaces } from './namespaces.ts';
import { Opening } from './opening.ts';
import { isRich, packedIn } from './packed-text.ts';
import { Packing } from './packing.ts';
import type { Isolation } from './packing-options.ts';
import { type Packed, parseValue, plainJsonIn, UNREADABLE } from './stored.ts';
import { noneYet, reasonOf, Unreadable, type UnreadableReason } from './unreadable.ts';

export interface ValuesOptions {
  readonly namespaces?: Namespaces;
  /** Characters of a written value, or bytes of one that is no text. */
  readonly maxLength?: number;
  readonly isolation?: Isolation;
  /** Of keys whose namespace says nothing else. Default: plain JSON. */
  readonly packing?: Packing;
}

const NULL: Encoded = { encoding: 'json', content: 'null' };

/** What values and stored texts mean to each other, by the namespace of their key. */
export class Values {
  readonly namespaces: Namespaces;
  readonly #maxLength: number;
  readonly #isolation: Isolation;
  readonly #packing: Packing;
  readonly #aside = new Aside();
  /** Whether any values are to fit a schema, or are sealed: else what is read is what was stored. */
  readonly #checked: boolean;
  readonly #seals: boolean;
  /** Whether nothing is made of a value once it is read. */
  readonly #plain: boolean;
  /** Texts that could not be read, by the reason. */
  readonly unreadable: Record<UnreadableReason, number> = noneYet();
  /** What is being read aside, so that what several ask for is read once. */
  #opening: { readonly stored: string; readonly opening: Opening } | undefined;

  constructor(options: ValuesOptions = {}) {
    const { namespaces = new Namespaces(), maxLength = Infinity, isolation = 'copy' } = options;
    this.namespaces = namespaces;
    this.#maxLength = maxLength;
    this.#isolation = isolation;
    this.#packing = options.packing ?? new Packing();
    this.#checked = [...namespaces].some(({ schema }) => schema !== undefined);
    this.#plain = !this.#checked && isolation !== 'freeze';
    this.#seals = this.#packing.sealed || [...namespaces].some(({ packing }) => packing?.sealed);
  }

  /** Whether what is stored at a key is sealed. */
  sealed(key: string): boolean {
    return this.#seals && this.#packingOf(key).sealed;
  }

  /**
   * The value as it is stored, written now, whatever its owner does to it later. `said`: what else its envelope says. Large ones
   * that are to be compressed take a while. Throws INVALID_VALUE for what cannot be written, is too long, or does not fit its
   * namespace.
   */
  pack(key: string, value: unknown, said: string): Packed | Promise<Packed> {
    const packing = this.#packingOf(key);
    if (this.#checked) checkFit(value, this.namespaces.of(key));
    const encoded = packing.encode(value);
    const { length } = encoded.content;
    if (length <= this.#maxLength) return this.#packed(packing, key, encoded, said);
    throw new UnderstudyError(
      'INVALID_VALUE',
      `value: expected at most ${this.#maxLength} characters once encoded, got ${length}`,
    );
  }

  #packed(packing: Packing, key: string, encoded: Encoded, said: string): Packed | Promise<Packed> {
    if (packing.takesLong(encoded) && !this.#aside.room)
      throw new UnderstudyError('OVERLOADED', 'Too many large values are being compressed');
    const packed = packing.pack(key, encoded, said);
    return packed instanceof Promise ? this.#aside.holds(packed, encoded.content.length) : packed;
  }

  /** That there is no value, as it is stored: `said` tells. */
  packNothing(key: string, said: string): Packed | Promise<Packed> {
    return this.#packingOf(key).pack(key, NULL, said);
  }

  /**
   * The value in the stored text of a key: {@link UNREADABLE} where there is none, undefined where that is known, an
   * {@link Opening} where reading it takes a while.
   */
  read(key: string, stored: string): unknown {
    try {
      const json = this.#seals ? undefined : plainJsonIn(stored);
      const value = json === undefined ? this.#unpacked(key, stored) : JSON.parse(json);
      return this.#plain || value instanceof Opening ? value : this.#made(key, stored, value);
    } catch (error) {
      return this.#unread(error);
    }
  }

  /** The value, or {@link UNREADABLE}, at once however large it is: for who can wait, and looks from outside. */
  readAtOnce(key: string, stored: string): unknown {
    try {
      const packed = packedIn(stored);
      if (packed === undefined) return this.read(key, stored);
      const value = this.#packingOf(key).unpack(key, packed, Infinity);
      return packed.absent ? undefined : this.#made(key, stored, value);
    } catch {
      return UNREADABLE;
    }
  }

  /** Whether a value may hold more than JSON can: by how it was written, or as its schema makes something of it. */
  rich(key: string, stored: string): boolean {
    return isRich(stored) || (this.#checked && this.namespaces.of(key)?.schema !== undefined);
  }

  /** What the next reader of a value that was read already is handed. */
  again(value: unknown, rich: boolean): unknown {
    if (this.#isolation === 'shared' || value instanceof Opening) return value;
    if (rich) return cloneRich(value);
    return this.#isolation === 'freeze' ? value : cloneJson(value);
  }

  #packingOf(key: string): Packing {
    return this.namespaces.of(key)?.packing ?? this.#packing;
  }

  #unpacked(key: string, stored: string): unknown {
    if (this.#opening?.stored === stored) return this.#opening.opening;
    const packed = packedIn(stored);
    if (packed === undefined) {
      if (this.sealed(key)) throw new Unreadable('unsealed');
      const value = parseValue(stored);
      if (value === UNREADABLE) throw new Unreadable('codec');
      return value;
    }
    // With too much under way aside it is opened at once: whoever asks more is slowed down.
    const value = this.#packingOf(key).unpack(key, packed, this.#aside.room ? undefined : Infinity);
    if (value instanceof Promise)
      return this.#openingOf(key, stored, this.#aside.holds(value, packed.length ?? packed.text.length));
    return packed.absent ? undefined : value;
  }

  #openingOf(key: string, stored: string, reading: Promise<unknown>): Opening {
    const read = reading
      .then((value) => this.#made(key, stored, value))
      .catch((error: unknown) => this.#unread(error))
      .finally(() => {
        if (this.#opening?.opening === opening) this.#opening = undefined;
      });
    const rich = this.rich(key, stored);
    const opening = new Opening(read, (value) => this.again(value, rich));
    this.#opening = { stored, opening };
    return opening;
  }

  /** What becomes of a value that was read. */
  #made(key: string, stored: string, value: unknown): unknown {
    if (value === undefined || value === UNREADABLE) return value;
    const schema = this.#checked ? this.namespaces.of(key)?.schema : undefined;
    if (schema !== undefined) {
      const output = outputOf(schema, value);
      if (output === UNREADABLE) throw new Unreadable('misfit');
      return output;
    }
    return this.#isolation === 'freeze' && !isRich(stored) ? freezeJson(value) : value;
  }

  /** Counted, whatever it was. */
  #unread(error: unknown): typeof UNREADABLE {
    this.unreadable[reasonOf(error)]++;
    return UNREADABLE;
  }
}
