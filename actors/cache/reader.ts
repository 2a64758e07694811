import { Envelope, type Lateness, type TraceContext } from '../../src/runtime/envelope.ts';
import { keepShape } from '../../src/runtime/keep-shape.ts';
import type { Dependence } from '../../src/tiers/markers.ts';
import type { TierName } from '../../src/tiers/tier.ts';
import { UNREADABLE } from '../../src/wire/stored.ts';
import type { Found, NotFound } from './messages.ts';
import type { Operation } from './tally.ts';

/** A stored text, and the value in it. */
export interface Kept {
  readonly stored: string;
  readonly value: unknown;
}

/** Somebody who waits for the value of one key. Readers of the same key in one batch are linked by `next`. */
export interface Reader {
  readonly key: string;
  readonly operation: Operation;
  /** Whether it still waits: one that ran into its deadline has been answered. */
  readonly open: boolean;
  /** Where it is traced. */
  readonly trace: TraceContext | undefined;
  next: Reader | undefined;
  /** Where in the order of local changes the read stands; see Recency. */
  asOf: number;
  /** Where in the order of invalidations it began; see Near. */
  heardOf: number;
  /** The group of the mailbox with which it went; see Marker. */
  turn: number;
  /** Redis was asked, and did not answer: whatever it is told is degraded. */
  alone: boolean;
  /** What its answer is expected to depend on. */
  expects: Dependence | undefined;
  /** `value` is {@link UNREADABLE} where there is none, and undefined where that is known. */
  answer(value: unknown, tier: TierName, degraded: boolean): void;
  /** There is something that counts as nothing, since it was invalidated. Told before the answer, to who may load. */
  discount?(stored: string): void;
  /** What is kept is past its time to be fresh. For those who can use that; the others are told that there is none. */
  stale?(kept: Kept, tier: TierName, degraded: boolean): void;
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
  else if (form === 'existence') envelope.reply(value !== UNREADABLE && value !== undefined);
  else envelope.reply(whole(value, tier, degraded));
}

export function whole(value: unknown, tier: TierName, degraded: boolean): Found | NotFound {
  if (value === UNREADABLE || value === undefined) return { found: false, tier, degraded };
  return { found: true, value, tier, degraded, stale: false };
}

export function wholeStale(value: unknown, tier: TierName, degraded: boolean): Found | NotFound {
  if (value === UNREADABLE || value === undefined) return { found: false, tier, degraded };
  return { found: true, value, tier, degraded, stale: true };
}

/** Answers a reader from what this process knows; where it is late, from what it knows at once. */
export type Fallback = (reader: Reader, late?: boolean) => void;

/** The reader of `cache.get`, `cache.find` and `cache.has`. */
export class SingleReader implements Reader, Lateness {
  readonly key: string;
  next: Reader | undefined = undefined;
  asOf = 0;
  heardOf = 0;
  turn = 0;
  alone = false;
  expects: Dependence | undefined = undefined;
  readonly envelope: Envelope;
  readonly form: Form;
  readonly fallback: Fallback;

  constructor(key: string, envelope: Envelope, form: Form, fallback: Fallback) {
    this.key = key;
    this.envelope = envelope;
    this.form = form;
    this.fallback = fallback;
    envelope.lateness = this;
  }

  get operation(): Operation {
    return 'get';
  }

  get open(): boolean {
    return this.envelope.open;
  }

  get trace(): TraceContext | undefined {
    return this.envelope.trace;
  }

  answer(value: unknown, tier: TierName, degraded: boolean): void {
    reply(this.envelope, this.form, value, tier, degraded);
  }

  stale({ value }: Kept, tier: TierName, degraded: boolean): void {
    if (this.form !== 'whole') this.answer(UNREADABLE, tier, degraded);
    else this.envelope.reply(wholeStale(value, tier, degraded));
  }

  late(): void {
    if (this.envelope.open) this.fallback(this, true);
  }
}

/** The keys of one `cache.getMany`, answered together. */
export class ManyReaders implements Lateness {
  readonly #envelope: Envelope;
  readonly #keys: readonly string[];
  readonly #values: unknown[];
  readonly #fallback: Fallback;
  readonly #open = new Set<PartReader>();

  constructor(keys: readonly string[], envelope: Envelope, fallback: Fallback) {
    this.#keys = keys;
    this.#values = new Array<unknown>(keys.length).fill(UNREADABLE);
    this.#envelope = envelope;
    this.#fallback = fallback;
    envelope.lateness = this;
  }

  /** A reader for each key; each must be answered. */
  readers(): readonly Reader[] {
    const parts = this.#keys.map((key, index) => new PartReader(this, key, index));
    for (const part of parts) this.#open.add(part);
    return parts;
  }

  get trace(): TraceContext | undefined {
    return this.#envelope.trace;
  }

  waitsFor(part: PartReader): boolean {
    return this.#open.has(part);
  }

  part(part: PartReader, value: unknown): void {
    if (!this.#open.delete(part)) return;
    this.#values[part.index] = value;
    if (this.#open.size === 0) this.finish();
  }

  /** Replies with what was found. */
  finish(): void {
    const found: [string, unknown][] = [];
    for (const [index, key] of this.#keys.entries()) {
      const value = this.#values[index];
      if (value !== UNREADABLE && value !== undefined) found.push([key, value]);
    }
    this.#envelope.reply(found);
  }

  late(): void {
    for (const part of [...this.#open]) this.#fallback(part, true);
  }
}

class PartReader implements Reader {
  readonly operation = 'get';
  readonly key: string;
  readonly index: number;
  next: Reader | undefined = undefined;
  asOf = 0;
  heardOf = 0;
  turn = 0;
  alone = false;
  expects: Dependence | undefined = undefined;
  readonly #whole: ManyReaders;

  constructor(whole: ManyReaders, key: string, index: number) {
    this.#whole = whole;
    this.key = key;
    this.index = index;
  }

  get open(): boolean {
    return this.#whole.waitsFor(this);
  }

  get trace(): TraceContext | undefined {
    return this.#whole.trace;
  }

  answer(value: unknown): void {
    this.#whole.part(this, value);
  }
}

const nowhere = new Envelope({ type: '' }, undefined);
const many = new ManyReaders([''], nowhere, () => {});
keepShape([new SingleReader('', nowhere, 'value', () => {}), many, ...many.readers()]);
