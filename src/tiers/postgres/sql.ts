/** One session with a Postgres, wherever that runs. */
export interface SqlSession {
  /** Runs statements without parameters, all in one transaction. */
  run(script: string): Promise<void>;
  query(text: string, parameters: readonly SqlParameter[]): Promise<readonly SqlRow[]>;
  /** Ends the session, and with it whatever it locked. */
  end(): Promise<void>;
}

export type SqlParameter = string | readonly string[];
export type SqlRow = Readonly<Record<string, unknown>>;

/** Begins a session. */
export type SqlConnect = () => Promise<SqlSession>;
