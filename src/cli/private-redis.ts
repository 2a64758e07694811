import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoundProcess } from './bound-process.ts';
import { freePort } from './free-port.ts';
import { findRedisBinary } from './redis-binary.ts';
import { awaitReady, PortTakenError, type Readiness } from './redis-readiness.ts';
import { type RedisReply, redisCall } from './redis-socket.ts';

/** Arguments for redis-server; a function of the port, for those that repeat it. */
type RedisArgs = readonly string[] | ((port: number) => readonly string[]);

export interface PrivateRedisOptions {
  /** Added to the command line, where they override `--save '' --appendonly no`. Default none. */
  args?: RedisArgs;
  /** Password of the default user. Default none. */
  password?: string;
  /** What the returned promise waits for. Default `pong`. */
  ready?: Readiness;
  /** Milliseconds in which it must be ready. Default 10000. */
  timeoutMs?: number;
  /** Path of the server. Default: `findRedisBinary()`. */
  binary?: string;
}

export type RestartOptions = Pick<PrivateRedisOptions, 'args' | 'ready' | 'timeoutMs'>;

const PORT_ATTEMPTS = 5;

/**
 * A redis-server of one's own to break at will: on 127.0.0.1, a free port, in a temporary directory, gone with this
 * process however that ends. Nothing is persisted unless `args` say so.
 */
export class PrivateRedis implements AsyncDisposable {
  readonly directory: string;
  readonly port: number;
  readonly #binary: string;
  readonly #options: PrivateRedisOptions;
  #process: BoundProcess | undefined;
  #stopped = false;

  private constructor(binary: string, directory: string, port: number, options: PrivateRedisOptions) {
    this.#binary = binary;
    this.directory = directory;
    this.port = port;
    this.#options = options;
  }

  /**
   * @throws RedisBinaryNotFoundError when there is no server to run
   * @throws Error with the server's last words when it does not start
   */
  static async start(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
    const binary = options.binary ?? findRedisBinary();
    const directory = await mkdtemp(join(tmpdir(), 'understudy-redis-'));
    try {
      // Sentinel insists on a writable configuration file, and CONFIG REWRITE needs one.
      await writeFile(join(directory, 'redis.conf'), '');
      return await startOnFreePort(async (port) => {
        const redis = new PrivateRedis(binary, directory, port, options);
        await redis.#launch(options);
        return redis;
      });
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** `redis://127.0.0.1:<port>`, without credentials. */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** A Unix socket of the same server. */
  get socketPath(): string {
    return join(this.directory, 'redis.sock');
  }

  /** Process id of the running server, or of the last one that ran. */
  get pid(): number {
    return this.#current().pid;
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  /** SIGSTOP: connections stay open and nothing is answered. */
  async freeze(): Promise<void> {
    this.#current().signal('SIGSTOP');
  }

  /** SIGCONT: everything that was received while frozen is executed now. */
  async thaw(): Promise<void> {
    this.#current().signal('SIGCONT');
  }

  /** SIGKILL; resolves when the process has ended. The port and the directory are kept for `restart`. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /**
   * Kills the server where it still runs and starts it again on the same port, in the same directory.
   *
   * @param options.args in place of those of `start`; the same again by default
   */
  async restart(options: RestartOptions = {}): Promise<void> {
    if (this.#stopped) throw new Error('This private Redis was stopped for good; start another');
    await this.kill();
    await this.#launch({ ...this.#options, ...options });
  }

  /** Ends the server, frozen or not, and removes its directory. Calling it again does nothing. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** One command over a connection of its own, as `redisCall`. */
  call(...command: (string | number | Uint8Array)[]): Promise<RedisReply> {
    const { password } = this.#options;
    return redisCall(this.socketPath, command, password === undefined ? {} : { password });
  }

  async #launch(options: PrivateRedisOptions): Promise<void> {
    const { args = [], password, ready = 'pong', timeoutMs = 10_000 } = options;
    const logFile = join(this.directory, 'redis.log');
    const process = await BoundProcess.spawn({
      command: this.#binary,
      args: [
        'redis.conf',
        ...['--port', String(this.port), '--bind', '127.0.0.1', '--unixsocket', 'redis.sock'],
        ...['--save', '', '--appendonly', 'no', '--dir', '.'],
        ...(password === undefined ? [] : ['--requirepass', password]),
        ...(typeof args === 'function' ? args(this.port) : args),
      ],
      directory: this.directory,
      logFile,
    });
    // Held before it is ready, so that a stop meanwhile finds it.
    this.#process = process;
    try {
      await awaitReady({ process, socketPath: this.socketPath, logFile, ready, password, timeoutMs });
    } catch (error) {
      await process.kill();
      throw error;
    }
  }

  #current(): BoundProcess {
    if (!this.#process) throw new Error('This private Redis has not started');
    return this.#process;
  }
}

async function startOnFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}
