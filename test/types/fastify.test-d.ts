import { fastify } from 'fastify';
import { expectTypeOf, test } from 'vitest';
import { routeCache } from '../../src/adapters/fastify/route-cache.ts';
import type { CoreProtocol, Protocol, Understudy } from '../../src/index.ts';

type Clicks = Protocol<{ 'clicks.add': { request: { page: string }; reply: number } }>;

declare const understudy: Understudy;
declare const withActors: Understudy<CoreProtocol & Clicks>;

test('any system will do, also one with actors of its own', () => {
  const app = fastify();
  app.register(routeCache, { understudy });
  app.register(routeCache, { understudy: withActors, keyPrefix: 'page:', maxBody: 1_000 });
  // @ts-expect-error It needs a system.
  app.register(routeCache, {});
});

test('a route says how it is cached, and the application can purge', () => {
  const app = fastify();
  app.get('/', { config: { cache: { ttl: '1m', vary: ['accept'], methods: ['GET'] } } }, async () => 1);
  app.get('/key', { config: { cache: { ttl: 1, key: ({ url }) => url.toLowerCase() } } }, async () => 1);
  // @ts-expect-error It must say for how long.
  app.get('/ttl', { config: { cache: {} } }, async () => 1);
  // @ts-expect-error Others are never cached.
  app.get('/methods', { config: { cache: { ttl: 1, methods: ['POST'] } } }, async () => 1);
  expectTypeOf(app.routeCache.purge('/')).resolves.toEqualTypeOf<number>();
});
