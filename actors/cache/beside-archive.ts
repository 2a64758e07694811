import type { Lateness } from '../../src/runtime/envelope.ts';
import { isInvalidation } from '../../src/tiers/markers.ts';
import type { Write } from '../../src/tiers/tier.ts';
import type { Archive } from './archive.ts';
import { GuardedWriter } from './archive-guard.ts';
import type { ArchiveReads } from './archive-reads.ts';
import { ArchiveRecall } from './archive-recall.ts';
import { ArchiveTouch } from './archive-touch.ts';
import type { CacheState } from './state.ts';
import type { Writer } from './writer.ts';

/** Makes a change for its maker. What it returns knows what to do when nobody can wait longer. */
type Submit = (writer: Writer) => Lateness | undefined;

/**
 * Changes where the durable tier keeps values: a deletion or an invalidation waits for it, and what a touch or an increment builds on may be
 * there only.
 */
export class BesideArchive {
  readonly #state: CacheState;
  readonly #archive: Archive;
  readonly #reads: ArchiveReads;
  /** Changes that wait for a look, by key, in their order. */
  readonly #recalls = new Map<string, ArchiveRecall[]>();

  constructor(state: CacheState, archive: Archive, reads: ArchiveReads) {
    this.#state = state;
    this.#archive = archive;
    this.#reads = reads;
    archive.hurry = () => {
      for (const key of [...this.#recalls.keys()]) this.#make(key);
    };
  }

  submit(write: Write, writer: Writer, submit: Submit): Lateness | undefined {
    const { op, key } = write;
    // What comes after it does not depend on it, and must not come before.
    if (op === 'set' || op === 'delete') this.#make(key);
    else if (isInvalidation(write)) this.#archive.hurry();
    if (op === 'delete' || isInvalidation(write))
      return new GuardedWriter(writer, this.#archive, key).guarding(submit);
    if (op === 'set' || op === 'mark') return submit(writer);
    if (op === 'touch' && this.#state.redisUp) {
      const recall = (recalled: (found: boolean) => void): boolean =>
        this.#reads.recall(key, () => recalled(this.#knows(key)));
      return new ArchiveTouch(writer, submit, recall);
    }
    // What is known here is in Redis too, as far as can be told without asking.
    if (this.#knows(key) || this.#state.journal.get(key) !== undefined) return submit(writer);
    const recall = new ArchiveRecall(() => submit(writer));
    const others = this.#recalls.get(key);
    if (others !== undefined) others.push(recall);
    else {
      this.#recalls.set(key, [recall]);
      if (!this.#reads.recall(key, () => this.#make(key))) this.#make(key);
    }
    return recall;
  }

  #make(key: string): void {
    const recalls = this.#recalls.get(key);
    if (recalls === undefined) return;
    this.#recalls.delete(key);
    for (const { make } of recalls) make();
  }

  #knows(key: string): boolean {
    const { memory, time } = this.#state;
    return memory.kept(key, time.now()) !== undefined;
  }
}
