import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Assignment, Command, Report, Round } from './assignment.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

/** One side of a race, in a process of its own. */
export class Racer {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts the process and has it warm up. `profiles`: where it leaves a CPU profile when it ends. */
  static async prepare(assignment: Assignment, profiles: string | undefined): Promise<Racer> {
    const profiling = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
    const racer = new Racer(
      fork(CHILD, {
        execArgv: ['--expose-gc', ...profiling],
        env: withoutTelemetrySettings(process.env),
        // What a library prints must not mix with the results.
        stdio: ['ignore', 2, 2, 'ipc'],
      }),
    );
    try {
      await racer.#ask({ type: 'prepare', assignment });
    } catch (error) {
      await racer.end();
      throw error;
    }
    return racer;
  }

  async run(): Promise<Round> {
    const report = await this.#ask({ type: 'run' });
    if (report.type !== 'round') throw new Error(`expected a round, got ${report.type}`);
    return report.round;
  }

  /** Resolves when the process has ended. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    const stuck = setTimeout(() => child.kill('SIGKILL'), 10_000);
    if (child.connected) child.send({ type: 'end' } satisfies Command);
    await exit;
    clearTimeout(stuck);
  }

  async #ask(command: Command): Promise<Report> {
    const child = this.#child;
    const over = new AbortController();
    const { signal } = over;
    const report = once(child, 'message', { signal }).then(([message]): Report => message);
    const exit = once(child, 'exit', { signal }).then(([code, by]): never => {
      throw new Error(`a contender's process ended with ${code ?? by}`);
    });
    child.send(command);
    try {
      const answer = await Promise.race([report, exit]);
      if (answer.type === 'failed') throw new Error(answer.reason);
      return answer;
    } finally {
      over.abort();
      await Promise.allSettled([report, exit]);
    }
  }
}

function withoutTelemetrySettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('OTEL_')));
}
