import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { SqlRow } from '../postgres/sql.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

/** Runs the embedded Postgres, one statement after the other: it holds up the thread it runs in. */
async function serve(directory: string): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('expected to be run in a worker thread');
  const database = await open(directory);
  port.on('message', async ({ id, text, parameters }: WorkerRequest) => {
    try {
      let rows: readonly SqlRow[] = [];
      if (text === undefined) await database.close();
      else if (parameters === undefined) await database.exec(text);
      else rows = (await database.query<SqlRow>(text, [...parameters])).rows;
      port.postMessage({ id, rows } satisfies WorkerReply);
    } catch (error) {
      port.postMessage({ id, error: messageOf(error) } satisfies WorkerReply);
    }
  });
  port.postMessage({ id: 0, rows: [] } satisfies WorkerReply);
}

/** Made aside and renamed when it is whole: a process killed while it makes one leaves nothing that looks like one. */
async function open(directory: string): Promise<PGlite> {
  const data = join(directory, 'data');
  if (!existsSync(data)) {
    const aside = join(directory, 'data.new');
    rmSync(aside, { recursive: true, force: true });
    const made = await PGlite.create(aside);
    await made.close();
    renameSync(aside, data);
  }
  return PGlite.create(data);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the embedded Postgres failed';
}

await serve(String(workerData));
