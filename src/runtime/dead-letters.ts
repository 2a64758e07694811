/** Told of every message that could not be delivered. */
export type DeadLetterListener = (letter: DeadLetter) => void;

interface DeadLetter {
  readonly actor: string;
  /** Type of the message; its content is not kept, as it may hold values. */
  readonly messageType: string;
  readonly reason: string;
}

/** Counts messages that reached nobody and tells a listener, so that none vanishes silently. */
export class DeadLetters {
  readonly #listener: DeadLetterListener;
  count = 0;

  constructor(listener: DeadLetterListener) {
    this.#listener = listener;
  }

  add(actor: string, messageType: string, reason: string): void {
    this.count++;
    this.#listener({ actor, messageType, reason });
  }
}
