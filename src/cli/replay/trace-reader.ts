import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { formatOf, parseLine, TraceError, type TraceFormat, type TraceLine } from './trace-line.ts';

/** Longest line, in characters: a file without line ends must not be gathered whole. */
const LONGEST = 4_194_304;
const CHUNK = 262_144;

/** Reads a trace line by line, never whole. Blank lines are passed over. */
export class TraceReader {
  readonly #file: string;
  readonly #size: number;
  readonly #limit: number;
  #format: TraceFormat | undefined;
  #lines = 0;
  #read = 0;

  private constructor(file: string, size: number, limit: number) {
    this.#file = file;
    this.#size = size;
    this.#limit = limit;
  }

  /**
   * @param limit lines to read at most; default all
   * @throws TraceError when there is no such file
   */
  static async open(file: string, limit = Infinity): Promise<TraceReader> {
    try {
      const found = await stat(file);
      if (found.isDirectory()) throw new TraceError(`${file}: expected a file, got a directory`);
      return new TraceReader(file, found.size, limit);
    } catch (cause) {
      if (cause instanceof TraceError) throw cause;
      throw new TraceError(`${file}: cannot be read (${codeOf(cause)})`, { cause });
    }
  }

  /** Known once the first line was read. */
  get format(): TraceFormat | undefined {
    return this.#format;
  }

  /** How much of the trace was handed out, 0 to 1. */
  get progress(): number {
    const ofFile = this.#size === 0 ? 0 : this.#read / this.#size;
    return Math.min(1, Math.max(ofFile, this.#lines / this.#limit));
  }

  /** @throws TraceError at the first line that is neither blank nor of the format of the first */
  async *lines(): AsyncGenerator<TraceLine, void, undefined> {
    let number = 0;
    for await (const text of this.#texts()) {
      number++;
      if (text.trim() === '') continue;
      if (this.#lines === this.#limit) return;
      this.#lines++;
      this.#format ??= formatOf(text);
      yield this.#parse(text, number);
    }
    if (this.#lines === 0) throw new TraceError(`${this.#file}: expected a line or more, got none`);
  }

  #parse(text: string, number: number): TraceLine {
    try {
      return parseLine(this.#format ?? 'keys', text);
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : 'cannot be read';
      throw new TraceError(`${this.#file}, line ${number}: ${problem}`, { cause });
    }
  }

  async *#texts(): AsyncGenerator<string, void, undefined> {
    let rest = '';
    let number = 0;
    for await (const chunk of this.#chunks()) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        this.#read += Buffer.byteLength(part) + 1;
        yield cleaned(part, number++);
      }
      if (rest.length > LONGEST) {
        throw new TraceError(`${this.#file}, line ${number + 1}: longer than ${LONGEST} characters`);
      }
    }
    if (rest !== '') yield cleaned(rest, number);
    this.#read = this.#size;
  }

  async *#chunks(): AsyncGenerator<string, void, undefined> {
    try {
      for await (const chunk of createReadStream(this.#file, { encoding: 'utf8', highWaterMark: CHUNK })) {
        yield String(chunk);
      }
    } catch (cause) {
      throw new TraceError(`${this.#file}: cannot be read (${codeOf(cause)})`, { cause });
    }
  }
}

/** Without what some editors leave: a byte order mark at the beginning of the file, a carriage return at line ends. */
function cleaned(text: string, at: number): string {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text;
  return at === 0 && line.startsWith('\uFEFF') ? line.slice(1) : line;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
