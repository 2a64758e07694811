import type { SystemEvent } from '../../runtime/events.ts';
import { plural } from '../terminal/numbers.ts';
import type { Paint } from '../terminal/paint.ts';

/** `bad` and `good` news, and what merely happens. */
export type Tone = 'bad' | 'good' | 'plain';

export interface Entry {
  /** Milliseconds from the beginning. */
  readonly at: number;
  readonly text: string;
  readonly tone: Tone;
}

const FORMATS = { bad: 'red', good: 'green', plain: 'reset' } as const;

/** An event as a line that begins with its time. */
export function describeEntry({ at, text, tone }: Entry, paint: Paint): string {
  return `${paint('dim', `${(at / 1_000).toFixed(2)} s`.padStart(8))}  ${paint(FORMATS[tone], text)}`;
}

/** What happened, in order, in words. */
export class Chronicle {
  readonly entries: Entry[] = [];
  readonly #began = performance.now();
  readonly #onEntry: (entry: Entry) => void;

  constructor(onEntry: (entry: Entry) => void) {
    this.#onEntry = onEntry;
  }

  /** Milliseconds from the beginning. */
  get now(): number {
    return performance.now() - this.#began;
  }

  tell(text: string, tone: Tone = 'plain'): void {
    const entry = { at: this.now, text, tone };
    this.entries.push(entry);
    this.#onEntry(entry);
  }

  /** Puts what the system says of itself into words. */
  readonly heard = (event: SystemEvent): void => {
    if (event.type === 'breaker.changed') {
      // What follows the comma is the last failure in the words of the client.
      const [reason] = event.reason.split(',');
      if (event.state === 'open') this.tell(`Breaker opens (${reason}): memory answers now`, 'bad');
      else if (event.state === 'half-open')
        this.tell('Breaker half-open: a probe was answered, Redis is tried');
      else this.tell('Breaker closed: Redis serves again', 'good');
    } else if (event.type === 'journal.replayed' && event.applied > 0) {
      const rest = event.remaining === 0 ? '' : `, ${event.remaining} to go`;
      this.tell(`Journal replayed: ${plural(event.applied, 'change')} brought to Redis${rest}`, 'good');
    }
  };
}
