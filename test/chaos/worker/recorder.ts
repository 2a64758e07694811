import { closeSync, openSync, writeSync } from 'node:fs';
import { now } from '../clock.ts';
import type { Answer, Call, HistoryLine } from '../history/record.ts';

/**
 * Writes the history of one process as it goes: each call before it is made, each answer when it is there. What was
 * written is in the kernel's hands, and so outlives a process that is killed.
 */
export class Recorder {
  readonly #file: number;
  #calls = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  /** Makes a call; it never rejects. */
  async record(call: Call, make: () => Promise<Answer>): Promise<Answer> {
    const id = this.#calls++;
    this.write({ kind: 'call', id, at: now(), call });
    const answer = await make().catch((error: unknown): Answer => ({ error: codeOf(error) }));
    this.write({ kind: 'answer', id, at: now(), answer });
    return answer;
  }

  write(line: HistoryLine): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
