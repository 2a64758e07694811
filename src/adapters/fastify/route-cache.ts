import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UnderstudyError } from '../../runtime/errors.ts';
import type { Exchange } from './exchange.ts';
import { headersOf, lineOf, membersOf } from './headers.ts';
import { type RouteCacheOptions, resolvePlugin } from './plugin-options.ts';
import { ReplyCache } from './reply-cache.ts';
import { METHODS, type ResolvedRoute, type RouteCacheConfig, resolveRoute } from './route-options.ts';
import { notModified, sendStored } from './send-stored.ts';

export type { RouteCacheOptions } from './plugin-options.ts';
export type { RouteCacheConfig } from './route-options.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Caches the replies of the route. */
    cache?: RouteCacheConfig;
  }
  interface FastifyInstance {
    routeCache: RouteCache;
  }
}

/** What an application can do about its cached replies. */
export interface RouteCache {
  /** Forgets the replies whose URL, or what `key` makes of it, begins so; and those that are being made. How many there were. */
  purge(prefix: string): Promise<number>;
}

/**
 * A plugin for Fastify 5 that caches the replies of routes with `config: { cache: { ttl: '1m' } }`. Await its registration
 * before declaring them. It keeps what a shared cache may keep (RFC 9111); what hooks do to a reply before it is sent, they
 * do anew to each. Refuses bad options, also those of a route, with INVALID_OPTION and INVALID_TTL.
 */
export const routeCache = Object.assign(
  async (app: FastifyInstance, options: RouteCacheOptions): Promise<void> => {
    const { understudy, keyPrefix, maxBody, clock } = resolvePlugin(options);
    const replies = new ReplyCache({ understudy, keyPrefix, maxBody, clock });
    const exchanges = new WeakMap<FastifyRequest, Exchange>();
    const routes = new WeakMap<RouteCacheConfig, ResolvedRoute>();
    const routeOf = (config: RouteCacheConfig): ResolvedRoute => {
      const route = routes.get(config);
      if (route !== undefined) return route;
      throw new UnderstudyError(
        'INVALID_CONFIG',
        'cache: expected the route to be declared once routeCache is registered; await that first',
      );
    };

    // Behind all that other hooks may have against the request.
    async function lookUp(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const { cache } = request.routeOptions.config;
      if (cache === undefined) return undefined;
      const exchange = await replies.open(routeOf(cache), request, reply);
      exchanges.set(request, exchange);
      if (exchange.state === 'answered') return sendStored(request, reply, exchange.stored, clock.now());
      if (exchange.state === 'leading') reply.raw.once('finish', () => void replies.release(exchange));
      return undefined;
    }

    // Behind all that other hooks do to the reply: only now is it known whether it may be stored.
    async function conclude(request: FastifyRequest, reply: FastifyReply): Promise<void> {
      const { cache } = request.routeOptions.config;
      const exchange = exchanges.get(request);
      if (cache === undefined || exchange === undefined) return;
      const route = routeOf(cache);
      const status =
        exchange.state === 'leading' ? await replies.settle(exchange, route, reply) : exchange.status;
      append(reply, 'cache-status', [`understudy; ${status}`]);
      append(reply, 'vary', route.vary);
      // The route that Fastify makes for HEAD counts the bytes of no content.
      if (reply.statusCode === 304) reply.removeHeader('content-length');
    }

    app.decorate('routeCache', { purge: (prefix: string) => understudy.cache.clear(keyPrefix + prefix) });
    app.addHook('onRoute', (route) => {
      const cache = route.config?.cache;
      if (cache === undefined) return;
      routes.set(cache, resolveRoute(cache));
      requireCacheable(route.method);
      route.preHandler = [route.preHandler ?? [], lookUp].flat();
      route.onSend = [route.onSend ?? [], conclude].flat();
    });
    app.addHook('onRequest', async ({ routeOptions: { config } }) => {
      if (config.cache !== undefined) routeOf(config.cache);
    });
    app.addHook('onSend', async (request, reply, payload) => {
      const exchange = exchanges.get(request);
      if (exchange?.state !== 'leading') return payload;
      replies.capture(exchange, reply, payload);
      return notModified(request, reply) ? null : payload;
    });
  },
  {
    // Its hooks are for the routes of the application that registers it, and not for its own, of which it has none.
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'understudy-route-cache',
    [Symbol.for('plugin-meta')]: { name: 'understudy-route-cache', fastify: '5.x' },
  },
);

/** Others would never be cached, and nobody would be told. */
function requireCacheable(method: string | string[]): void {
  if ([method].flat().some((name) => METHODS.includes(name))) return;
  throw new UnderstudyError(
    'INVALID_OPTION',
    `cache: expected a route for ${METHODS.join(' or ')}, got ${method}`,
  );
}

/** Adds what a list does not have yet. */
function append(reply: FastifyReply, name: string, members: readonly string[]): void {
  const headers = headersOf(reply.getHeaders());
  const known = membersOf(headers, name);
  const added = members.filter((member) => !known.includes(member.toLowerCase()));
  if (added.length > 0) reply.header(name, [lineOf(headers, name) ?? [], added].flat().join(', '));
}
