import { stripVTControlCharacters } from 'node:util';
import { CLEAR_TO_END_OF_LINE, type Screen } from './screen.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Terminals that know it show what is between the two at once; others ignore it. */
const HOLD = '\u001b[?2026h';
const RELEASE = '\u001b[?2026l';
const CLEAR_BELOW = '\u001b[J';
const CLEAR_SCREEN = '\u001b[2J\u001b[H';

/** Shells report a process that a signal ended as 128 and the number of the signal. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/**
 * Some lines of a terminal that are drawn again and again in place. The last ones stay when it ends. The cursor is
 * hidden meanwhile and comes back however the process ends.
 */
export class LiveFrame {
  readonly #screen: Screen;
  #height = 0;
  #resized = false;

  constructor(screen: Screen) {
    this.#screen = screen;
    for (const signal of SIGNALS) process.once(signal, exitBySignal);
    process.once('exit', this.#showCursor);
    screen.on('resize', this.#noteResize);
    screen.write(HIDE_CURSOR);
  }

  draw(lines: readonly string[]): void {
    const { columns, rows } = this.#screen;
    // One row is left for the cursor: a frame as high as the terminal would scroll.
    const shown = lines.slice(0, Math.max(1, rows - 1)).map((line) => fitted(line, columns));
    const home = this.#resized ? CLEAR_SCREEN : this.#height > 0 ? `\u001b[${this.#height}A\r` : '';
    const body = shown.map((line) => `${line}${CLEAR_TO_END_OF_LINE}\n`).join('');
    this.#screen.write(`${HOLD}${home}${body}${CLEAR_BELOW}${RELEASE}`);
    this.#height = shown.length;
    this.#resized = false;
  }

  end(): void {
    for (const signal of SIGNALS) process.off(signal, exitBySignal);
    process.off('exit', this.#showCursor);
    this.#screen.off('resize', this.#noteResize);
    this.#showCursor();
  }

  /** The terminal has wrapped what was drawn in its own way. */
  readonly #noteResize = (): void => {
    this.#resized = true;
  };

  readonly #showCursor = (): void => {
    this.#screen.write(SHOW_CURSOR);
  };
}

function exitBySignal(signal: keyof typeof EXIT_CODES): never {
  process.exit(EXIT_CODES[signal]);
}

/** A line that wraps would be two. Where it has to be cut it loses its colours. */
function fitted(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : plain.slice(0, columns);
}
