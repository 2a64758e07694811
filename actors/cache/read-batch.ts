import type { TraceContext } from '../../src/runtime/envelope.ts';
import { keepShape } from '../../src/runtime/keep-shape.ts';
import type { CircuitBreakerMessage } from '../circuit-breaker/messages.ts';
import type { Batch } from './outbox.ts';
import type { Reader } from './reader.ts';

/** Stored texts in the order of the readers; undefined for what could not be read. */
export type StoredTexts = readonly (string | null | undefined)[];

/** Who is told how a batch of reads went. */
export interface ReadsHost {
  /** Nobody waits for this many readers any more. */
  dropped(count: number): void;
  /** What Redis answered, if it did. */
  readsDone(readers: readonly Reader[], began: number, stored: StoredTexts | undefined): void;
}

/** One MGET: the first reader of each key. */
export class ReadBatch implements Batch {
  readonly trace: TraceContext | undefined;
  readonly #host: ReadsHost;
  readonly #began: number;
  #readers: readonly Reader[];

  constructor(host: ReadsHost, readers: readonly Reader[], began: number, trace: TraceContext | undefined) {
    this.#host = host;
    this.#readers = readers;
    this.#began = began;
    this.trace = trace;
  }

  compose(): CircuitBreakerMessage | undefined {
    const all = this.#readers;
    if (!all.every(isWanted)) this.#readers = all.filter(isWanted);
    this.#host.dropped(all.length - this.#readers.length);
    return this.#readers.length === 0
      ? undefined
      : { type: 'circuit-breaker.read', keys: this.#readers.map(keyOf) };
  }

  answered(stored: StoredTexts): void {
    this.#host.readsDone(this.#readers, this.#began, stored);
  }

  failed(): void {
    this.#host.readsDone(this.#readers, this.#began, undefined);
  }
}

const keyOf = (reader: Reader): string => reader.key;

function isWanted(first: Reader): boolean {
  for (let reader: Reader | undefined = first; reader !== undefined; reader = reader.next)
    if (reader.open) return true;
  return false;
}

keepShape(new ReadBatch({ dropped: () => {}, readsDone: () => {} }, [], 0, undefined));
