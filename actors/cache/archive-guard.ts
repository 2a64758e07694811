import type { Lateness } from '../../src/runtime/envelope.ts';
import type { Archive } from './archive.ts';
import type { Told } from './archive-backlog.ts';
import type { Accepted } from './messages.ts';
import type { Writer } from './writer.ts';

/**
 * Holds an answer back until the durable tier has a deletion too, or nobody can wait longer: what is deleted must not come
 * back from there should this process end now.
 */
export class ArchiveGuard implements Lateness {
  readonly #archive: Archive;
  readonly #whenKept: (told: Told) => void;
  /** What happens at the deadline while the answer itself is waited for. */
  before: Lateness | undefined;
  #held: Told | undefined;
  #late = false;

  constructor(archive: Archive, whenKept: (told: Told) => void) {
    this.#archive = archive;
    this.#whenKept = whenKept;
  }

  /** Answers when it may. */
  answer(reply: Told): void {
    if (this.#late) {
      reply(false);
      return;
    }
    this.#held = reply;
    this.#whenKept((kept) => this.#release(kept));
  }

  late(): void {
    this.#late = true;
    if (this.#held === undefined) {
      this.before?.late();
      return;
    }
    this.#archive.slow = true;
    this.#release(false);
  }

  #release(kept: boolean): void {
    const reply = this.#held;
    this.#held = undefined;
    reply?.(kept);
  }
}

/** The maker of a deletion, told when the durable tier has it. */
export class GuardedWriter implements Writer {
  readonly #writer: Writer;
  readonly #guard: ArchiveGuard;

  constructor(writer: Writer, archive: Archive, key: string) {
    this.#writer = writer;
    this.#guard = new ArchiveGuard(archive, (told) => archive.whenKept(key, told));
  }

  /** Makes the deletion. What it returns knows what to do when nobody can wait longer. */
  guarding(submit: (writer: Writer) => Lateness | undefined): Lateness {
    this.#guard.before = submit(this);
    return this.#guard;
  }

  accepted(accepted: Accepted, existed: boolean, value: number): void {
    this.#guard.answer((kept) => {
      const durable = accepted.durable || kept;
      this.#writer.accepted(
        durable === accepted.durable ? accepted : { ...accepted, durable },
        existed,
        value,
      );
    });
  }

  refused(error: unknown): void {
    this.#writer.refused(error);
  }
}
