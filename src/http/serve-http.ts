import type { Options } from '../config/schema.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Phase, ServedSystem } from './context.ts';
import { HTTP_LIMITS, type HttpLimits } from './limits.ts';

/** What the HTTP face needs. */
export interface HttpParts {
  readonly understudy: ServedSystem;
  readonly http: Options['http'];
  readonly logger: Logger;
  /** While this is pending `/readyz` says no. Default: nothing is waited for. */
  readonly reached?: Promise<void>;
  readonly limits?: Partial<HttpLimits>;
}

/** A listening HTTP server. */
export interface HttpFace {
  /** Where it listens: `http://127.0.0.1:8377`. */
  readonly url: string;
  /** From now on `/readyz` says no and messages are refused; what is under way goes on. */
  drain(): void;
  /** Stops listening and lets what is under way end; what has not ended within a second is cut. */
  close(): Promise<void>;
}

/**
 * Listens at `http.host` and `http.port` with `/livez`, `/readyz`, `/health`, `/metrics` and `POST /v1/messages`, which
 * takes a message for any actor of the system. Rejects with the error of the operating system when it cannot listen.
 */
export async function serveHttp({ understudy, http, logger, ...parts }: HttpParts): Promise<HttpFace> {
  // The framework is loaded by those who serve only.
  const { buildApp } = await import('./app.ts');
  const limits = { ...HTTP_LIMITS, ...parts.limits };
  let phase: Phase = parts.reached === undefined ? 'serving' : 'starting';
  void parts.reached?.then(() => {
    if (phase === 'starting') phase = 'serving';
  });
  const app = buildApp({ understudy, http, logger, limits, phase: () => phase });
  // By its name the framework would listen twice, and the second server would not have the bounds of the first.
  const host = http.host === 'localhost' ? '127.0.0.1' : http.host;
  await app.listen({ host, port: http.port });
  const address = app.addresses()[0];
  const port = typeof address === 'object' ? address.port : http.port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    drain: () => {
      phase = 'draining';
    },
    close: async () => {
      phase = 'draining';
      const cut = setTimeout(() => app.server.closeAllConnections(), limits.farewell);
      await app.close();
      clearTimeout(cut);
    },
  };
}
