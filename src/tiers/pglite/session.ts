import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SqlConnect, SqlParameter, SqlRow } from '../postgres/sql.ts';
import { DirectoryLock } from './directory-lock.ts';
import { type LastingSession, sharedSessions } from './shared-sessions.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

/** Compiled, its file is called otherwise; the compiler rewrites imports only. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/** Sessions with the embedded Postgres of a directory, which one process has to itself. All of them are one. */
export function pgliteSessions(directory: string): SqlConnect {
  const path = resolve(directory);
  return sharedSessions(async () => {
    await mkdir(path, { recursive: true });
    const lock = await DirectoryLock.take(path);
    const session = new PgliteSession(path, lock);
    try {
      await session.opened;
    } catch (error) {
      await session.end();
      throw error;
    }
    return session;
  });
}

interface Waiter {
  resolve(rows: readonly SqlRow[]): void;
  reject(error: Error): void;
}

class PgliteSession implements LastingSession {
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #lock: DirectoryLock;
  readonly #waiting = new Map<number, Waiter>();
  #lastId = 0;
  #failure: Error | undefined;

  constructor(directory: string, lock: DirectoryLock) {
    this.#lock = lock;
    this.#worker = new Worker(WORKER, { workerData: directory, stdout: true, stderr: true });
    this.#worker.on('message', (reply: WorkerReply) => this.#answered(reply));
    this.#worker.on('error', (cause) => this.#fail(new Error('the embedded Postgres failed', { cause })));
    this.#worker.on('exit', () => this.#fail(new Error('the embedded Postgres has ended')));
    this.opened = this.#wait(0);
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  async run(text: string): Promise<void> {
    await this.#ask({ text });
  }

  query(text: string, parameters: readonly SqlParameter[]): Promise<readonly SqlRow[]> {
    return this.#ask({ text, parameters });
  }

  async end(): Promise<void> {
    if (this.#failure === undefined) {
      await this.#ask({}).catch(() => {});
      const exit = once(this.#worker, 'exit');
      await this.#worker.terminate();
      await exit.catch(() => {});
    }
    await this.#lock.release();
  }

  #ask(request: Omit<WorkerRequest, 'id'>): Promise<readonly SqlRow[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = ++this.#lastId;
    this.#worker.postMessage({ ...request, id } satisfies WorkerRequest);
    return this.#wait(id);
  }

  /** Idle, it does not keep the process alive; while somebody waits for it, it does. */
  #wait(id: number): Promise<readonly SqlRow[]> {
    if (this.#waiting.size === 0) this.#worker.ref();
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #answered(reply: WorkerReply): void {
    const waiter = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('rows' in reply) waiter?.resolve(reply.rows);
    else waiter?.reject(new Error(reply.error));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
