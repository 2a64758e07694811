import { UnderstudyError } from '../runtime/errors.ts';
import type { SqlConnect } from './postgres/sql.ts';

/** Where the durable tier is: exactly one of the first two is given. */
export interface DurableOptions {
  /** A postgres:// URL. */
  readonly url?: string | undefined;
  /** Directory of the embedded Postgres. */
  readonly directory?: string | undefined;
  /** Milliseconds to connect to a Postgres, and for each statement. */
  readonly timeout: number;
}

type DurableKind = 'postgres' | 'pglite';

/** The ways to a durable tier, for all that is kept there. */
export interface DurableSessions {
  readonly kind: DurableKind;
  /** For spans; without credentials. */
  readonly address: { readonly host: string; readonly port: number | undefined };
  readonly database: string;
  /** Begins a session. The driver is loaded by the first and nowhere else: most systems need none. */
  readonly connect: SqlConnect;
}

export function durableSessions(options: DurableOptions): DurableSessions {
  let sessions: Promise<SqlConnect> | undefined;
  const connect: SqlConnect = async () => {
    sessions ??= sessionsOf(options);
    return (await sessions)();
  };
  const { url } = options;
  if (url === undefined)
    return { kind: 'pglite', address: { host: 'embedded', port: undefined }, database: 'postgres', connect };
  const { hostname, port, pathname } = new URL(url);
  const address = { host: hostname || 'localhost', port: port === '' ? undefined : Number(port) };
  return { kind: 'postgres', address, database: pathname.slice(1) || 'postgres', connect };
}

async function sessionsOf({ url, directory = '', timeout }: DurableOptions): Promise<SqlConnect> {
  const driver = url === undefined ? '@electric-sql/pglite' : 'pg';
  try {
    if (url !== undefined) return (await import('./postgres/session.ts')).postgresSessions(url, timeout);
    // The driver itself is loaded by the worker.
    import.meta.resolve(driver);
    return (await import('./pglite/session.ts')).pgliteSessions(directory);
  } catch (error) {
    throw missing(url === undefined ? 'durable.directory' : 'durable.url', driver, error);
  }
}

function missing(option: string, driver: string, cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) return cause;
  const problem = `${option}: needs the package ${driver}, which is not installed; npm install ${driver}`;
  return new UnderstudyError('INVALID_CONFIG', `Invalid configuration:\n- ${problem}`, { cause });
}
