import { Client } from 'pg';

/** A real Postgres for one suite. */
export interface PostgresServer {
  readonly url: string;
  query(text: string): Promise<readonly Record<string, unknown>[]>;
  /** Ends it at once, as a crash would; only of a server of one's own. */
  kill(): Promise<void>;
  /** Connections stay open and nothing is answered; only of a server of one's own. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** The same data at the same place again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function queryPostgres(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
