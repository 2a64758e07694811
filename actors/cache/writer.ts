import { Envelope } from '../../src/runtime/envelope.ts';
import { keepShape } from '../../src/runtime/keep-shape.ts';
import type { Accepted } from './messages.ts';

/** Whoever made a change. Told once: how it was accepted, or why it was not. */
export interface Writer {
  /** `existed` for a delete or touch, `value` for an increment. */
  accepted(accepted: Accepted, existed: boolean, value: number): void;
  refused(error: unknown): void;
}

/** How the answer to one change is put. */
export type Shape = (accepted: Accepted, existed: boolean, value: number) => object;

/** Answers one envelope for one change. */
export class SingleWriter implements Writer {
  readonly #envelope: Envelope;
  readonly #shape: Shape;

  constructor(envelope: Envelope, shape: Shape) {
    this.#envelope = envelope;
    this.#shape = shape;
  }

  accepted(accepted: Accepted, existed: boolean, value: number): void {
    this.#envelope.reply(this.#shape(accepted, existed, value));
  }

  refused(error: unknown): void {
    this.#envelope.fail(error);
  }
}

/** How the answer to many changes is put; `existed` counts. */
export type ManyShape = (accepted: Accepted, existed: number) => object;

/** Answers one envelope for many changes: as safe as the least safe of them. */
export class ManyWriters implements Writer {
  readonly #envelope: Envelope;
  readonly #shape: ManyShape;
  #left: number;
  #existed = 0;
  #least: Accepted | undefined;

  constructor(count: number, envelope: Envelope, shape: ManyShape) {
    this.#left = count;
    this.#envelope = envelope;
    this.#shape = shape;
  }

  accepted(accepted: Accepted, existed: boolean): void {
    if (existed) this.#existed++;
    if (this.#least === undefined || isLessSafe(accepted, this.#least)) this.#least = accepted;
    if (--this.#left === 0) this.#envelope.reply(this.#shape(this.#least, this.#existed));
  }

  refused(error: unknown): void {
    this.#envelope.fail(error);
  }
}

function isLessSafe(one: Accepted, other: Accepted): boolean {
  if (one.durable !== other.durable) return other.durable;
  return (one.replicas ?? 0) < (other.replicas ?? 0) || (!one.durable && one.degraded && !other.degraded);
}

keepShape(new SingleWriter(new Envelope({ type: '' }, undefined), () => ({})));
