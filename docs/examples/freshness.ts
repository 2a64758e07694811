import { setTimeout as passed } from 'node:timers/promises';
import { createUnderstudy } from 'understudy-cache';

const understudy = await createUnderstudy({
  redis: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
});
const { cache } = understudy;
const options = { ttl: 20, grace: '1h', backoff: 1 } as const;

// A source with versions, as an HTTP server has: it need not send again what is known already.
const source = { etag: 'v1', price: 42, up: true };
const price = () =>
  cache.getOrSet(
    'price',
    async ({ stale, notModified, setEtag }) => {
      if (!source.up) throw new Error('the source does not answer');
      if (stale?.etag === source.etag) return notModified();
      setEtag(source.etag);
      return { price: source.price };
    },
    options,
  );

console.log(await price()); // { price: 42 }
await passed(50);
source.up = false;
console.log(await price()); // { price: 42 }
console.log(await cache.find('price').then(({ found }) => found), await cache.get('price')); // true undefined
await passed(50);
source.up = true;
console.log(await price(), await cache.has('price')); // { price: 42 } true
await passed(50);
Object.assign(source, { etag: 'v2', price: 43 });
console.log(await price()); // { price: 43 }

await understudy.stop();
