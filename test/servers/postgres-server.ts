import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoundProcess } from '../../src/cli/bound-process.ts';
import { freePort } from '../../src/cli/free-port.ts';
import { containerEngineAnswers } from './ensure-redis.ts';
import { type PostgresServer, queryPostgres } from './postgres.ts';
import { findBinaries, postgresBinaries } from './postgres-binary.ts';
import { until } from './until.ts';

export type { PostgresServer };

/**
 * The Postgres of `DATABASE_URL`; else one of our own, from a binary, else in a container, else from a binary that is
 * installed now. `own` asks for one that may be killed.
 */
export async function startPostgres({ own = false } = {}): Promise<PostgresServer> {
  const { DATABASE_URL } = process.env;
  if (DATABASE_URL && !own) return given(DATABASE_URL);
  if (findBinaries() === undefined && (await containerEngineAnswers())) {
    return (await import('./container-postgres.ts')).startContainerPostgres();
  }
  return PrivatePostgres.start(postgresBinaries());
}

function given(url: string): PostgresServer {
  const refuse = async (): Promise<void> => {
    throw new Error('the Postgres of DATABASE_URL is somebody else’s: it is neither killed nor restarted');
  };
  return {
    url,
    query: (text) => queryPostgres(url, text),
    kill: refuse,
    freeze: refuse,
    thaw: refuse,
    restart: refuse,
    stop: async () => {},
  };
}

/** It refuses to be run by root. */
const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'];
const isRoot = process.getuid?.() === 0;

/** A server on loopback, at a free port, in a temporary directory; gone with this process however that ends. */
class PrivatePostgres implements PostgresServer {
  readonly url: string;
  readonly #folder: string;
  readonly #directory: string;
  readonly #port: number;
  #process: BoundProcess | undefined;

  private constructor(folder: string, directory: string, port: number) {
    this.#folder = folder;
    this.#directory = directory;
    this.#port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  static async start(folder: string): Promise<PrivatePostgres> {
    const directory = await mkdtemp(join(tmpdir(), 'understudy-postgres-'));
    chmodSync(directory, 0o777);
    const data = join(directory, 'data');
    const [command, ...args] = asNobody([
      join(folder, 'initdb'),
      ...['--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--no-sync', '--encoding', 'UTF8'],
    ]);
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: directory });
    const server = new PrivatePostgres(folder, directory, await freePort());
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  query(text: string): Promise<readonly Record<string, unknown>[]> {
    return queryPostgres(this.url, text);
  }

  /** With those that serve a connection: they would go on for a moment, and answer what they were asked. */
  async kill(): Promise<void> {
    const server = this.#process;
    if (server === undefined || !server.running) return;
    const serving = childrenOf(server.pid);
    await server.kill();
    for (const pid of serving) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It had ended by itself.
      }
    }
  }

  async freeze(): Promise<void> {
    this.#signal('SIGSTOP');
  }

  async thaw(): Promise<void> {
    this.#signal('SIGCONT');
  }

  /** With those that serve a connection; the server first, so that it begins no other. */
  #signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    const server = this.#process;
    if (server === undefined || !server.running) return;
    server.signal(signal);
    for (const pid of childrenOf(server.pid)) process.kill(pid, signal);
  }

  /** What is left of a server that was killed may keep the next from starting for a moment. */
  async restart(): Promise<void> {
    await this.kill();
    await until(
      'Postgres answers',
      async () => {
        if (!this.#process?.running) this.#process = await this.#spawn();
        await this.query('select 1');
        return true;
      },
      { timeoutMs: 20_000 },
    ).catch((cause: unknown) => {
      const log = readFileSync(join(this.#directory, 'postgres.log'), 'utf8');
      throw new Error(`Postgres did not start:\n${log}`, { cause });
    });
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  #spawn(): Promise<BoundProcess> {
    const [command, ...args] = asNobody([
      join(this.#folder, 'postgres'),
      ...['-D', join(this.#directory, 'data'), '-p', String(this.#port), '-h', '127.0.0.1'],
      ...['-c', `unix_socket_directories=${this.#directory}`, '-c', 'shared_buffers=16MB'],
    ]);
    return BoundProcess.spawn({
      command,
      args,
      directory: this.#directory,
      logFile: join(this.#directory, 'postgres.log'),
    });
  }
}

function asNobody([command = '', ...args]: readonly string[]): [string, ...string[]] {
  return isRoot ? ['setpriv', ...NOBODY, command, ...args] : [command, ...args];
}

/** Where the system tells of them, as Linux does. */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
