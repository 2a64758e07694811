import { fastify } from 'fastify';
import { createUnderstudy } from 'understudy-cache';
import { routeCache } from 'understudy-cache/fastify';

const understudy = await createUnderstudy({
  redis: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
});
const app = fastify();
// Before the routes, and awaited, so that it sees them.
await app.register(routeCache, { understudy });

let made = 0;
app.get(
  '/articles/:id',
  { config: { cache: { ttl: '1m', vary: ['accept-language'] } } },
  async ({ params, headers }) => ({
    ...(params as object),
    language: headers['accept-language'],
    made: ++made,
  }),
);

const get = async (headers: Record<string, string>) => {
  const reply = await app.inject({ url: '/articles/7', headers: { 'accept-language': 'en', ...headers } });
  console.log(
    reply.statusCode,
    String(reply.headers['cache-status']).replace(/ttl=\d+/, 'ttl=...'),
    reply.body,
  );
  return reply;
};
const { headers } = await get({});
await get({});
await get({ 'if-none-match': String(headers.etag) });
await get({ 'accept-language': 'de' });
console.log('purged', await app.routeCache.purge('/articles/'));
await get({});

await app.close();
await understudy.stop();
