/** `who` is answered at once, by the number of the incarnation; the others wait. Only `hold` may be delivered again. */
export type Question = 'who' | 'hold' | 'hang';

type Code = 'ACTOR_CRASHED' | 'ACTOR_UNAVAILABLE' | 'STOPPING';

/** One question, and all that its asker was told: one thing, in the end. */
interface Asked {
  readonly question: Question;
  readonly told: (number | Code)[];
  redelivered: boolean;
}

/** What becomes of what is sent to one actor, whatever becomes of its incarnations. */
export class ModelMailbox {
  readonly asked: Asked[] = [];
  /** Number of the incarnation that takes the questions. */
  #incarnation: number | undefined;
  #refusal: Code | undefined;
  /** Those that wait for an incarnation, and those that it has. */
  #parked: Asked[] = [];
  #held: Asked[] = [];

  get depth(): number {
    return this.#parked.length + this.#held.length;
  }

  ask(question: Question): void {
    const asked: Asked = { question, told: [], redelivered: false };
    this.asked.push(asked);
    if (this.#refusal !== undefined) asked.told.push(this.#refusal);
    else this.#deliver(asked);
  }

  /** The incarnation answers all that it holds. */
  release(): void {
    for (const { told } of this.#held.splice(0)) told.push(this.#incarnation ?? 0);
  }

  attach(incarnation: number): void {
    this.#incarnation = incarnation;
    for (const asked of this.#parked.splice(0)) this.#deliver(asked);
  }

  crash(): void {
    this.#incarnation = undefined;
    for (const asked of this.#held.splice(0)) {
      if (asked.question === 'hold' && !asked.redelivered) {
        asked.redelivered = true;
        this.#parked.push(asked);
      } else asked.told.push('ACTOR_CRASHED');
    }
  }

  /** Nothing new is taken. */
  close(code: Code): void {
    this.#refusal = code;
  }

  /** No incarnation will come. What it was told first stands. */
  refuse(code: Code): void {
    this.#refusal = code;
    for (const { told } of [...this.#parked.splice(0), ...this.#held.splice(0)]) told.push(code);
  }

  #deliver(asked: Asked): void {
    if (this.#incarnation === undefined) this.#parked.push(asked);
    else if (asked.question === 'who') asked.told.push(this.#incarnation);
    else this.#held.push(asked);
  }
}
