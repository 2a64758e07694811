import type { SqlConnect, SqlSession } from '../postgres/sql.ts';

/** A session, and whether it is of any use still. */
export interface LastingSession extends SqlSession {
  readonly failed: boolean;
}

/**
 * One session for all who want one, opened by the first and ended by the last of them. One that has failed is left to
 * those who have it, and ended before another is opened.
 */
export function sharedSessions(open: () => Promise<LastingSession>): SqlConnect {
  let current: Promise<LastingSession> | undefined;
  let users = 0;

  const opened = async (): Promise<LastingSession> => {
    const session = await current?.catch(() => undefined);
    if (session !== undefined && !session.failed) return session;
    users = 0;
    await session?.end();
    return open();
  };

  return async () => {
    const mine = opened();
    current = mine;
    const session = await mine;
    users++;
    let ended = false;
    return {
      run: (script) => session.run(script),
      query: (text, parameters) => session.query(text, parameters),
      end: async () => {
        if (ended) return;
        ended = true;
        if ((await current?.catch(() => undefined)) !== session || --users > 0) return;
        current = undefined;
        await session.end();
      },
    };
  };
}
