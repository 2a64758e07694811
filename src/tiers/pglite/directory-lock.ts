import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UnderstudyError } from '../../runtime/errors.ts';

/** Who has a directory to itself. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When that process took it, for a person to read. */
  readonly since: string;
  /** Tells the process from a later one of the same id, where the system says: boot and tick of its start. */
  readonly birth: string | undefined;
  readonly token: string;
}

const ATTEMPTS = 5;

/** States of a process that has ended, and that nobody has looked after yet. */
const ENDED: readonly string[] = ['Z', 'X', 'x'];

/** A lock file that names its holder. The embedded Postgres has none, and two processes would corrupt its directory. */
export class DirectoryLock {
  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /** Throws JOURNAL_LOCKED, naming the holder, while that lives. The lock of a dead process is taken over. */
  static async take(directory: string): Promise<DirectoryLock> {
    const path = join(directory, 'understudy.lock');
    const own: Holder = {
      pid: process.pid,
      host: hostname(),
      since: new Date().toISOString(),
      birth: birthOf(process.pid),
      token: randomUUID(),
    };
    const text = JSON.stringify(own);
    const aside = `${path}.${own.token}`;
    await writeFile(aside, text, { flag: 'wx' });
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        // Linked when it is whole, so that no lock is ever seen half written.
        if (await linked(aside, path)) return new DirectoryLock(path, text);
        const present = await readFile(path, 'utf8').catch(() => undefined);
        if (present === undefined) continue;
        const holder = holderIn(present);
        if (holder === undefined || isAlive(holder)) throw locked(directory, holder);
        await removeStale(path, present);
      }
      throw locked(directory, undefined);
    } finally {
      await rm(aside, { force: true });
    }
  }

  async release(): Promise<void> {
    const present = await readFile(this.#path, 'utf8').catch(() => undefined);
    if (present === this.#text) await rm(this.#path, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moved before it is removed: where another took it over meanwhile, that one's lock is put back. */
async function removeStale(path: string, stale: string): Promise<void> {
  const moved = `${path}.stale-${randomUUID()}`;
  try {
    await rename(path, moved);
  } catch {
    return;
  }
  if ((await readFile(moved, 'utf8')) !== stale) await linked(moved, path);
  await rm(moved, { force: true });
}

/** A process of another machine cannot be asked, and is taken for alive. */
function isAlive({ pid, host, birth }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
  const present = birthOf(pid);
  return birth === undefined || present === undefined || birth === present;
}

/** Linux gives process ids out again; the tick of the start tells two of them apart, and the boot its ticks. */
function birthOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the command, in parentheses, may hold anything; the start is the 20th field after it.
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ENDED.includes(state) ? 'ended' : `${boot}/${fields[18]}`;
  } catch {
    return undefined;
  }
}

function holderIn(text: string): Holder | undefined {
  try {
    const { pid, host, since, birth, token } = JSON.parse(text);
    if (!Number.isInteger(pid) || typeof host !== 'string') return undefined;
    return { pid, host, since: String(since), birth, token: String(token) };
  } catch {
    return undefined;
  }
}

function locked(directory: string, holder: Holder | undefined): UnderstudyError {
  const by =
    holder === undefined
      ? 'by an unknown process'
      : `by process ${holder.pid} on ${holder.host} since ${holder.since}`;
  return new UnderstudyError('JOURNAL_LOCKED', `durable.directory: ${directory} is held ${by}`);
}
