import { createUnderstudy } from 'understudy-cache';
import { z } from 'zod';

const Page = z.object({ title: z.string(), words: z.number().default(0) });

const understudy = await createUnderstudy({
  redis: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
  namespaces: { pages: { ttl: '10m', grace: '1h', schema: Page }, visits: {} },
});
const { cache } = understudy;
const pages = cache.namespace('pages');

const load = (title: string) =>
  pages.getOrSet(title, ({ setTags }) => {
    setTags('author:7', `site:${title.length > 5 ? 'long' : 'short'}`);
    return { title };
  });

console.log(await load('Lovelace')); // { title: 'Lovelace', words: 0 }
await load('Babbage');
await cache.set('draft', 'a text', { tags: ['author:7'] });

// One small change, however much bears the tag.
await cache.invalidateTags('author:7');
console.log(await pages.get('Lovelace'), await cache.get('draft')); // undefined undefined

// What is expired is stale: who can use that, has something to fall back on.
await load('Lovelace');
await cache.expireTags('author:7');
console.log(await pages.find('Lovelace').then(({ found }) => found), await pages.has('Lovelace')); // true false

const refused = await pages.set('Hopper', JSON.parse('{"title":7}')).catch((error) => error.message);
console.log(refused); // value: expected what fits the schema of pages, got what does not at title

await cache.increment('visits:today', 3);
await cache.namespace('visits').clear();
console.log(await cache.increment('visits:today')); // 1

await understudy.stop();
