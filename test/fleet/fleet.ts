import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { OptionsInput } from '../../src/index.ts';
import type { Order, Report } from './orders.ts';

type Answered = Extract<Report, { kind: 'answered' }>;

/** One process of the fleet. */
export class Member {
  readonly #child: ChildProcess;

  constructor(options: OptionsInput) {
    this.#child = fork(join(import.meta.dirname, 'member.ts'), [JSON.stringify(options)], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The next report of a kind. Rejects when the process ends before. */
  async next<K extends Report['kind']>(kind: K): Promise<Extract<Report, { kind: K }>> {
    const ending = new AbortController();
    const ended = (): void => ending.abort();
    this.#child.once('exit', ended);
    try {
      while (true) {
        const [report]: [Report] = (await once(this.#child, 'message', { signal: ending.signal })) as [
          Report,
        ];
        if (isKind(report, kind)) return report;
      }
    } finally {
      this.#child.off('exit', ended);
    }
  }

  ask(order: Order): Promise<Answered> {
    const answered = this.next('answered');
    this.#child.send(order);
    return answered;
  }

  /** SIGKILL; resolves when the process has ended. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

function isKind<K extends Report['kind']>(report: Report, kind: K): report is Extract<Report, { kind: K }> {
  return report.kind === kind;
}

/** Several processes with a system each. They end with whoever uses them. */
export class Fleet {
  readonly members: readonly Member[];

  private constructor(members: readonly Member[]) {
    this.members = members;
  }

  /** Resolves when each of them is ready. */
  static async start(count: number, options: OptionsInput): Promise<Fleet> {
    const fleet = new Fleet(Array.from({ length: count }, () => new Member(options)));
    try {
      await Promise.all(fleet.members.map((member) => member.next('ready')));
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  /** Gives all of them the same order at the same time. */
  ask(order: Order): Promise<Answered[]> {
    return Promise.all(this.members.map((member) => member.ask(order)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
