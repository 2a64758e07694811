import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';

// Run beside the child with its standard input held open by this process. However this process ends (return, crash,
// signal, SIGKILL) the kernel closes that pipe, `read` meets its end, and the child and its directory go. It is the one
// mechanism that covers them all, on macOS too: no 'exit' handler runs after a fatal signal.
const WATCHDOG = 'read -r line; kill -KILL "$1"; rm -rf -- "$2"';

interface BoundProcessOptions {
  command: string;
  args: readonly string[];
  /** Working directory; removed with the child when this process ends without having stopped it. */
  directory: string;
  /** File that receives the output of this run, in place of what it held. */
  logFile: string;
}

/** A child process that cannot outlive this one, and does not keep this one alive. */
export class BoundProcess {
  readonly #child: ChildProcess;
  readonly pid: number;
  #running = true;

  private constructor(child: ChildProcess, pid: number, directory: string) {
    this.#child = child;
    this.pid = pid;
    const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'watchdog', String(pid), directory], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    watchdog.unref();
    if (watchdog.stdin instanceof Socket) watchdog.stdin.unref();
    child.once('exit', () => {
      this.#running = false;
      watchdog.kill('SIGKILL');
    });
    child.unref();
  }

  /** @throws Error when the command cannot be run */
  static async spawn({ command, args, directory, logFile }: BoundProcessOptions): Promise<BoundProcess> {
    const log = openSync(logFile, 'w');
    try {
      // A group of its own: Ctrl-C reaches the program that started it, which may still need the server to drain.
      const child = spawn(command, args, { cwd: directory, stdio: ['ignore', log, log], detached: true });
      if (child.pid === undefined) throw (await once(child, 'error'))[0];
      return new BoundProcess(child, child.pid, directory);
    } finally {
      closeSync(log);
    }
  }

  get running(): boolean {
    return this.#running;
  }

  /** @throws Error when the process has ended */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (!this.#child.kill(signal)) throw new Error(`Process ${this.pid} has ended; it cannot take ${signal}`);
  }

  /** Kills it, frozen or not, and resolves when it has ended. */
  async kill(): Promise<void> {
    if (!this.#running) return;
    this.#child.ref();
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}
