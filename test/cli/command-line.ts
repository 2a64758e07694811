import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePort } from '../../src/cli/free-port.ts';
import { until } from '../servers/until.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `understudy` with arguments and variables of its own, as a process that does not outlive the test. */
export class CommandLine {
  readonly #child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], variables: Record<string, string> = {}) {
    const env = { PATH: process.env.PATH, ...variables };
    const command = ['--disable-warning=ExperimentalWarning', MAIN, ...args];
    this.#child = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve({ code, signal }));
    });
    onTestFinished(async () => {
      this.#child.kill('SIGKILL');
      await this.ended;
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Entries of its log so far. */
  get log(): { readonly msg: string; readonly [field: string]: unknown }[] {
    const whole = this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1);
    return whole.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  }
}

/** A service on a free port that is ready. */
export async function serving(
  variables: Record<string, string> = {},
): Promise<{ line: CommandLine; url: string }> {
  const port = await freePort();
  const line = new CommandLine(['serve'], { UNDERSTUDY_HTTP_PORT: String(port), ...variables });
  const url = `http://127.0.0.1:${port}`;
  await until('the service is ready', async () => (await fetch(`${url}/readyz`)).ok, { timeoutMs: 10_000 });
  return { line, url };
}
