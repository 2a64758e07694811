import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import session, { type SessionOptions, type Store } from 'express-session';
import { onTestFinished } from 'vitest';

declare module 'express-session' {
  interface SessionData {
    user?: string;
    visits?: number;
  }
}

/** What `/me` answers. */
interface Me {
  readonly user: string | null;
  readonly id: string;
  readonly visits: number;
}

/** A browser: it keeps the cookie that it was given. */
class Browser {
  readonly #url: string;
  cookie = '';

  constructor(url: string) {
    this.#url = url;
  }

  async post(path: string): Promise<number> {
    return (await this.#fetch(path, 'POST')).status;
  }

  async me(): Promise<Me> {
    const response = await this.#fetch('/me', 'GET');
    if (!response.ok) throw new Error(`/me: ${response.status} ${await response.text()}`);
    return response.json() as Promise<Me>;
  }

  async #fetch(path: string, method: string): Promise<Response> {
    const headers: Record<string, string> = this.cookie === '' ? {} : { cookie: this.cookie };
    const signal = AbortSignal.timeout(10_000);
    const response = await fetch(this.#url + path, { method, headers, signal });
    for (const cookie of response.headers.getSetCookie()) this.cookie = cookie.split(';')[0] ?? '';
    return response;
  }
}

interface ExpressApp {
  readonly url: string;
  /** A browser that is new, or that another app gave its cookie. */
  browser(cookie?: string): Browser;
}

/** An express application with sessions in the store, listening on a free port until the test has ended. */
export async function expressApp(store: Store, options: Partial<SessionOptions> = {}): Promise<ExpressApp> {
  const app = express();
  app.use(session({ secret: 'of the test', resave: false, saveUninitialized: false, ...options, store }));
  app.post('/login/:user', (request, response, next) => {
    request.session.regenerate((error) => {
      if (error !== null && error !== undefined) return next(error);
      request.session.user = request.params.user;
      response.sendStatus(204);
    });
  });
  app.post('/visit', (request, response) => {
    request.session.visits = (request.session.visits ?? 0) + 1;
    response.sendStatus(204);
  });
  app.post('/logout', (request, response, next) => {
    request.session.destroy((error) => (error ? next(error) : response.sendStatus(204)));
  });
  app.get('/me', ({ session: { user = null, id, visits = 0 } }, response) => {
    response.json({ user, id, visits } satisfies Me);
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    browser: (cookie = '') => {
      const browser = new Browser(url);
      browser.cookie = cookie;
      return browser;
    },
  };
}
