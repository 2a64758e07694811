import type { Lateness } from '../../src/runtime/envelope.ts';
import type { Accepted } from './messages.ts';
import type { Writer } from './writer.ts';

/**
 * The maker of a touch, where the durable tier keeps values: when Redis had nothing to touch, it is looked there too, and
 * what was found is touched.
 */
export class ArchiveTouch implements Writer, Lateness {
  readonly #writer: Writer;
  readonly #touch: (writer: Writer) => Lateness | undefined;
  /** Looks in the durable tier; calls back with whether there is something now. False when it is not to be asked. */
  readonly #recall: (recalled: (found: boolean) => void) => boolean;
  #lateness: Lateness | undefined;
  #held: (() => void) | undefined;
  #looked = false;

  constructor(
    writer: Writer,
    touch: (writer: Writer) => Lateness | undefined,
    recall: (recalled: (found: boolean) => void) => boolean,
  ) {
    this.#writer = writer;
    this.#touch = touch;
    this.#recall = recall;
    this.#lateness = touch(this);
  }

  accepted(accepted: Accepted, existed: boolean, value: number): void {
    const answer = (): void => this.#writer.accepted(accepted, existed, value);
    if (existed || this.#looked) {
      answer();
      return;
    }
    this.#looked = true;
    this.#held = answer;
    if (!this.#recall((found) => this.#recalled(found))) this.#release();
  }

  refused(error: unknown): void {
    this.#writer.refused(error);
  }

  late(): void {
    // Whatever happens in the same turn must not look any more.
    this.#looked = true;
    if (this.#held === undefined) this.#lateness?.late();
    else this.#release();
  }

  #recalled(found: boolean): void {
    if (this.#held === undefined) return;
    if (!found) {
      this.#release();
      return;
    }
    this.#held = undefined;
    this.#lateness = this.#touch(this);
  }

  #release(): void {
    const answer = this.#held;
    this.#held = undefined;
    answer?.();
  }
}
