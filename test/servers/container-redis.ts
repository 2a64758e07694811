import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';
import { freePort } from '../../src/cli/free-port.ts';
import type { PrivateRedisOptions, RestartOptions } from '../../src/cli/private-redis.ts';
import {
  type RedisCallOptions,
  type RedisReply,
  RedisReplyError,
  redisCall,
} from '../../src/cli/redis-socket.ts';
import type { RedisServer } from './server.ts';
import { until } from './until.ts';

const IMAGE = 'redis:7.4-alpine';

/** A private Redis in a container: freeze and thaw are pause and unpause, kill removes it, restart runs it anew. */
export class ContainerRedis implements RedisServer {
  readonly directory: string;
  readonly port: number;
  readonly #options: PrivateRedisOptions;
  #container: Awaited<ReturnType<typeof run>> | undefined;
  #pid = 0;
  #stopped = false;

  private constructor(directory: string, port: number, options: PrivateRedisOptions) {
    this.directory = directory;
    this.port = port;
    this.#options = options;
  }

  static async start(options: PrivateRedisOptions): Promise<ContainerRedis> {
    const directory = await mkdtemp(join(tmpdir(), 'understudy-redis-'));
    const redis = new ContainerRedis(directory, await freePort(), options);
    try {
      await redis.#launch(options);
      return redis;
    } catch (error) {
      await redis.stop();
      throw error;
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get socketPath(): string {
    return join(this.directory, 'redis.sock');
  }

  /** As the engine's host counts processes. */
  get pid(): number {
    return this.#pid;
  }

  get running(): boolean {
    return this.#container !== undefined;
  }

  async freeze(): Promise<void> {
    await this.#current().pause();
  }

  async thaw(): Promise<void> {
    await this.#current().unpause();
  }

  async kill(): Promise<void> {
    const container = this.#container;
    this.#container = undefined;
    await container?.remove({ force: true, v: true });
  }

  async restart(options: RestartOptions = {}): Promise<void> {
    if (this.#stopped) throw new Error('This private Redis was stopped for good; start another');
    await this.kill();
    await this.#launch({ ...this.#options, ...options });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  call(...command: (string | number | Uint8Array)[]): Promise<RedisReply> {
    return redisCall(this.port, command, this.#credentials());
  }

  async #launch(options: PrivateRedisOptions): Promise<void> {
    const { ready = 'pong', timeoutMs = 10_000 } = options;
    const container = await run(this.port, this.directory, options);
    this.#container = container;
    this.#pid = (await container.inspect()).State.Pid;
    const answers = async () => {
      try {
        await redisCall(this.port, ['PING'], { ...this.#credentials(), timeoutMs: 1000 });
      } catch (error) {
        if (!(ready === 'listening' && error instanceof RedisReplyError)) throw error;
      }
      return true;
    };
    await until('the Redis container answers PING', answers, { timeoutMs });
  }

  #credentials(): RedisCallOptions {
    const { password } = this.#options;
    return password === undefined ? {} : { password };
  }

  #current() {
    if (!this.#container) throw new Error('The Redis container is not running');
    return this.#container;
  }
}

/** Runs as this user, so that what it writes to the directory can be removed again. */
async function run(port: number, directory: string, { args = [], password }: PrivateRedisOptions) {
  const command = [
    'redis-server',
    ...['--port', String(port), '--bind', '0.0.0.0', '--protected-mode', 'no'],
    ...['--unixsocket', '/data/redis.sock', '--save', '', '--appendonly', 'no', '--dir', '/data'],
    ...(password === undefined ? [] : ['--requirepass', password]),
    ...(typeof args === 'function' ? args(port) : args),
  ];
  const started = await new GenericContainer(IMAGE)
    .withUser(`${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`)
    .withBindMounts([{ source: directory, target: '/data' }])
    .withExposedPorts({ container: port, host: port })
    .withCommand(command)
    .start();
  const client = await getContainerRuntimeClient();
  return client.container.getById(started.getId());
}
