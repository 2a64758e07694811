import { stripVTControlCharacters } from 'node:util';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Terminals that know it show what is between the two at once; others ignore it. */
const HOLD = '\u001b[?2026h';
const RELEASE = '\u001b[?2026l';
const CLEAR_TO_END_OF_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const CLEAR_SCREEN = '\u001b[2J\u001b[H';

/**
 * Some lines of a terminal that are drawn again and again in place. The last ones stay when it ends. The cursor is
 * hidden meanwhile and comes back however the process ends.
 */
export class LiveFrame {
  readonly #stream: NodeJS.WriteStream;
  readonly #onSignal: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void;
  #height = 0;
  #resized = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    // Shells report a process that a signal ended as 128 and the number of the signal.
    this.#onSignal = (signal) => process.exit({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal]);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, this.#onSignal);
    process.once('exit', this.#showCursor);
    stream.on('resize', this.#noteResize);
    stream.write(HIDE_CURSOR);
  }

  draw(lines: readonly string[]): void {
    const { columns, rows } = this.#stream;
    // One row is left for the cursor: a frame as high as the terminal would scroll.
    const shown = lines.slice(0, Math.max(1, rows - 1)).map((line) => fitted(line, columns));
    const home = this.#resized ? CLEAR_SCREEN : this.#height > 0 ? `\u001b[${this.#height}A\r` : '';
    const body = shown.map((line) => `${line}${CLEAR_TO_END_OF_LINE}\n`).join('');
    this.#stream.write(`${HOLD}${home}${body}${CLEAR_BELOW}${RELEASE}`);
    this.#height = shown.length;
    this.#resized = false;
  }

  end(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, this.#onSignal);
    process.off('exit', this.#showCursor);
    this.#stream.off('resize', this.#noteResize);
    this.#showCursor();
  }

  /** The terminal has wrapped what was drawn in its own way. */
  readonly #noteResize = (): void => {
    this.#resized = true;
  };

  readonly #showCursor = (): void => {
    this.#stream.write(SHOW_CURSOR);
  };
}

/** A line that wraps would be two. Where it has to be cut it loses its colours. */
function fitted(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= columns ? line : plain.slice(0, columns);
}
