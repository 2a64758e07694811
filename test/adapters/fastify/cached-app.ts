import { type FastifyInstance, fastify, type InjectOptions } from 'fastify';
import { onTestFinished } from 'vitest';
import { type RouteCacheOptions, routeCache } from '../../../src/adapters/fastify/route-cache.ts';
import type { Understudy } from '../../../src/index.ts';

type Options = Partial<Omit<RouteCacheOptions, 'understudy'>>;

/** An application whose routes can be cached, closed when the test has ended. */
export async function cachedApp(understudy: Understudy, options: Options = {}): Promise<FastifyInstance> {
  const app = fastify({ forceCloseConnections: true });
  onTestFinished(() => app.close());
  await app.register(routeCache, { understudy, ...options });
  return app;
}

/** What matters of a reply. */
export interface Seen {
  readonly status: number;
  readonly body: string;
  /** What Cache-Status says, without the name of the cache and the time that is left. */
  readonly cache: string;
  readonly headers: Record<string, unknown>;
}

export async function ask(app: FastifyInstance, request: InjectOptions | string): Promise<Seen> {
  const { statusCode, body, headers } = await app.inject(request);
  const cache = String(headers['cache-status'] ?? 'none')
    .replace(/^understudy; /, '')
    .replace(/; ttl=\d+$/, '');
  return { status: statusCode, body, cache, headers };
}
