import type { Envelope, Lateness } from '../../src/runtime/envelope.ts';
import type { TierName } from '../../src/tiers/tier.ts';
import { UNREADABLE } from '../../src/wire/stored.ts';
import type { Found, NotFound } from './messages.ts';
import type { Operation } from './tally.ts';

/** Somebody who waits for the value of one key. Readers of the same key in one batch share a slot, linked by `next`. */
export interface Reader {
  readonly operation: Operation;
  /** Monotonic milliseconds at which the read arrived. */
  readonly began: number;
  next: Reader | undefined;
  /** `value` is {@link UNREADABLE} where there is none. */
  answer(value: unknown, tier: TierName, degraded: boolean): void;
}

/** How the answer to one key is put. */
export type Form = 'value' | 'whole' | 'existence';

export function reply(
  envelope: Envelope,
  form: Form,
  value: unknown,
  tier: TierName,
  degraded: boolean,
): void {
  if (form === 'value') envelope.reply(value === UNREADABLE ? undefined : value);
  else if (form === 'existence') envelope.reply(value !== UNREADABLE);
  else envelope.reply(whole(value, tier, degraded));
}

export function whole(value: unknown, tier: TierName, degraded: boolean): Found | NotFound {
  if (value === UNREADABLE) return { found: false, tier, degraded };
  return { found: true, value, tier, degraded, stale: false };
}

/** The reader of `cache.get`, `cache.find` and `cache.has`. */
export class SingleReader implements Reader, Lateness {
  readonly operation = 'get';
  readonly key: string;
  readonly began: number;
  next: Reader | undefined = undefined;
  readonly #envelope: Envelope;
  readonly #form: Form;
  readonly #fallback: (reader: Reader, key: string) => void;

  constructor(
    key: string,
    envelope: Envelope,
    form: Form,
    began: number,
    fallback: (reader: Reader, key: string) => void,
  ) {
    this.key = key;
    this.began = began;
    this.#envelope = envelope;
    this.#form = form;
    this.#fallback = fallback;
    envelope.lateness = this;
  }

  answer(value: unknown, tier: TierName, degraded: boolean): void {
    reply(this.#envelope, this.#form, value, tier, degraded);
  }

  late(): void {
    this.#fallback(this, this.key);
  }
}

/** The keys of one `cache.getMany`, answered together. */
export class ManyReaders implements Lateness {
  readonly #envelope: Envelope;
  readonly #values: unknown[];
  readonly #keys: readonly string[];
  readonly #fallback: (reader: Reader, key: string) => void;
  readonly #open = new Set<PartReader>();

  constructor(keys: readonly string[], envelope: Envelope, fallback: (reader: Reader, key: string) => void) {
    this.#keys = keys;
    this.#values = new Array<unknown>(keys.length).fill(UNREADABLE);
    this.#envelope = envelope;
    this.#fallback = fallback;
    envelope.lateness = this;
  }

  /** The reader of the key at `index`; it must be answered once. */
  reader(index: number, began: number): Reader {
    const part = new PartReader(this, index, began);
    this.#open.add(part);
    return part;
  }

  part(part: PartReader, value: unknown): void {
    if (!this.#open.delete(part)) return;
    this.#values[part.index] = value;
    if (this.#open.size === 0) this.finish();
  }

  /** Replies with what was found. */
  finish(): void {
    const found: [string, unknown][] = [];
    for (let index = 0; index < this.#keys.length; index++) {
      const value = this.#values[index];
      if (value !== UNREADABLE) found.push([this.#keys[index] as string, value]);
    }
    this.#envelope.reply(found);
  }

  late(): void {
    for (const part of [...this.#open]) this.#fallback(part, this.#keys[part.index] as string);
  }
}

class PartReader implements Reader {
  readonly operation = 'get';
  readonly index: number;
  readonly began: number;
  next: Reader | undefined = undefined;
  readonly #whole: ManyReaders;

  constructor(whole: ManyReaders, index: number, began: number) {
    this.#whole = whole;
    this.index = index;
    this.began = began;
  }

  answer(value: unknown): void {
    this.#whole.part(this, value);
  }
}
