import { cloneJson, cloneRich } from './clone.ts';
import type { Encoded } from './codecs/codec.ts';
import { freezeJson } from './freeze.ts';
import { Opening } from './opening.ts';
import type { Isolation } from './packing-options.ts';
import { Packing } from './packing.ts';
import { isPlainHead, isRich, type Packed, packedIn, parseValue, UNREADABLE } from './stored.ts';
import { Unreadable, UNREADABLE_REASONS, type UnreadableReason } from './unreadable.ts';

export interface ValuesOptions {
  readonly isolation: Isolation;
  /** Default: plain JSON for every key. */
  readonly packingOf?: (key: string) => Packing;
  /** Whether any of them seals. Default: false. */
  readonly seals?: boolean;
}

const PLAIN = new Packing({ codec: 'json', offload: Infinity, limit: Infinity, namespace: '' });

/** What stored texts mean: makes them of values, and values of them. */
export class Values {
  /** Texts that could not be read, by the reason. */
  readonly unreadable: Record<UnreadableReason, number>;
  readonly #packingOf: (key: string) => Packing;
  readonly #seals: boolean;
  readonly #isolation: Isolation;
  /** What is being read aside, so that what several ask for is read once. */
  #opening: { readonly stored: string; readonly opening: Opening } | undefined;

  constructor({ isolation, packingOf = () => PLAIN, seals = false }: ValuesOptions) {
    this.#packingOf = packingOf;
    this.#seals = seals;
    this.#isolation = isolation;
    this.unreadable = Object.fromEntries(UNREADABLE_REASONS.map((reason) => [reason, 0])) as Record<
      UnreadableReason,
      number
    >;
  }

  /** Whether what is stored at a key is sealed. */
  sealed(key: string): boolean {
    return this.#seals && this.#packingOf(key).sealed;
  }

  /** Throws INVALID_VALUE. */
  encode(key: string, value: unknown): Encoded {
    return this.#packingOf(key).encode(value);
  }

  /** `said`: what else its envelope says. Large values that are to be compressed take a while. */
  pack(key: string, encoded: Encoded, said: string): Packed | Promise<Packed> {
    return this.#packingOf(key).pack(key, encoded, said);
  }

  /**
   * The value in the stored text of a key: {@link UNREADABLE} where there is none, undefined where that is known, an
   * {@link Opening} where that takes a while.
   */
  read(key: string, stored: string): unknown {
    try {
      const value = !this.#seals && isPlainHead(stored) ? parseValue(stored) : this.#unpacked(key, stored);
      if (this.#isolation !== 'freeze' || value instanceof Opening) return value;
      return this.#isolated(value, isRich(stored));
    } catch (error) {
      return this.#unread(error);
    }
  }

  /** What the next reader of a value that was read already is handed. `rich`: see {@link isRich}. */
  again(value: unknown, rich: boolean): unknown {
    if (value instanceof Opening || this.#isolation === 'shared') return value;
    if (rich) return cloneRich(value);
    return this.#isolation === 'freeze' ? value : cloneJson(value);
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
    const value = this.#packingOf(key).unpack(key, packed);
    if (value instanceof Promise) return this.#openingOf(stored, value);
    return packed.absent ? undefined : value;
  }

  #openingOf(stored: string, reading: Promise<unknown>): Opening {
    const rich = isRich(stored);
    const read = reading
      .then(
        (value) => this.#isolated(value, rich),
        (error: unknown) => this.#unread(error),
      )
      .finally(() => {
        if (this.#opening?.opening === opening) this.#opening = undefined;
      });
    const opening = new Opening(read, (value) => this.again(value, rich));
    this.#opening = { stored, opening };
    return opening;
  }

  #isolated(value: unknown, rich: boolean): unknown {
    return this.#isolation === 'freeze' && !rich ? freezeJson(value) : value;
  }

  /** Counted, whatever it was. */
  #unread(error: unknown): typeof UNREADABLE {
    this.unreadable[error instanceof Unreadable ? error.reason : reasonOf(error)]++;
    return UNREADABLE;
  }
}

function reasonOf(error: unknown): UnreadableReason {
  const beyond = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
  return beyond ? 'bound' : 'corrupt';
}
