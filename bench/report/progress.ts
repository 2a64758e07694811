import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { bar } from '../../src/cli/terminal/bars.ts';

const WIDTH = 30;

/** One line that tells how far it is, on a terminal only. It is drawn between rounds, so as not to disturb any. */
export class Progress {
  readonly #stream: WriteStream;
  readonly #steps: number;
  #done = 0;
  #label = '';

  constructor(stream: WriteStream, steps: number) {
    this.#stream = stream;
    this.#steps = steps;
  }

  begin(label: string): void {
    this.#label = label;
    this.#draw();
  }

  step(): void {
    this.#done++;
    this.#draw();
  }

  end(): void {
    if (!this.#stream.isTTY) return;
    cursorTo(this.#stream, 0);
    clearLine(this.#stream, 0);
  }

  #draw(): void {
    if (!this.#stream.isTTY) return;
    const share = Math.min(1, this.#done / this.#steps);
    const { full, empty } = bar(share, WIDTH);
    cursorTo(this.#stream, 0);
    this.#stream.write(`${full}${empty} ${Math.floor(share * 100)} %  ${this.#label}`);
    clearLine(this.#stream, 1);
  }
}
