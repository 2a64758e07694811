import { EventEmitter } from 'node:events';
import type { Screen } from '../../src/cli/terminal/screen.ts';

/** A terminal that remembers what was written to it. */
export class TestScreen extends EventEmitter implements Screen {
  readonly isTTY: boolean;
  columns: number;
  rows: number;
  #written = '';

  constructor(columns: number, rows: number, isTTY = true) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.#written += text;
  }

  /** What was written since the last time this was asked. */
  taken(): string {
    const written = this.#written;
    this.#written = '';
    return written;
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }
}
