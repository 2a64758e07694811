import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkerSettings } from '../settings.ts';
import type { WorkerCommand, WorkerReport } from './messages.ts';

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url));
const COMPILED = join(tmpdir(), 'understudy-chaos-compiled');

/** One incarnation of a process of the fleet. It ends with this process, however that ends. */
export class FleetProcess {
  readonly settings: WorkerSettings;
  /** Whether this checker ended it. */
  killed = false;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #lastWords = '';

  constructor(settings: WorkerSettings) {
    this.settings = settings;
    this.#child = fork(PROGRAM, [JSON.stringify(settings)], {
      execArgv: [],
      // One that starts quickly leaves more of the run to its load.
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#lastWords = `${this.#lastWords}${text}`.slice(-2_000);
    });
    this.#ended = once(this.#child, 'exit');
    this.#child.on('error', () => undefined);
  }

  /** As it is called in the history. */
  get name(): string {
    return `p${this.settings.process}.${this.settings.incarnation}`;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Why it is not running although nobody killed it. */
  get mishap(): string | undefined {
    if (this.running || this.killed || this.#child.exitCode === 0) return undefined;
    return `exit code ${this.#child.exitCode ?? this.#child.signalCode}: ${this.#lastWords}`;
  }

  ready(): Promise<unknown> {
    return this.#reported('ready');
  }

  /** Asks it something. Rejects when it ends before it has answered, or takes `patience` milliseconds. */
  async ask<T extends WorkerReport['type']>(
    command: WorkerCommand,
    reply: T,
    patience = 20_000,
  ): Promise<Extract<WorkerReport, { type: T }>> {
    const reported = this.#reported(reply, patience);
    this.#child.send(command, () => undefined);
    return reported;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.running) return;
    this.killed = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #reported<T extends WorkerReport['type']>(
    type: T,
    patience = 20_000,
  ): Promise<Extract<WorkerReport, { type: T }>> {
    return new Promise((resolve, reject) => {
      const done = (settle: () => void): void => {
        clearTimeout(timer);
        this.#child.off('message', heard).off('exit', gone);
        settle();
      };
      const heard = (report: WorkerReport): void => {
        if (isOf(report, type)) done(() => resolve(report));
      };
      const gone = (): void => done(() => reject(new Error(`${this.name} ended before it was ${type}`)));
      const timer = setTimeout(
        () => done(() => reject(new Error(`${this.name} was not ${type} within ${patience} ms`))),
        patience,
      );
      this.#child.on('message', heard).on('exit', gone);
      if (!this.running) gone();
    });
  }
}

function isOf<T extends WorkerReport['type']>(
  report: WorkerReport,
  type: T,
): report is Extract<WorkerReport, { type: T }> {
  return report.type === type;
}
