import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { createUnderstudy } from 'understudy-cache';
import { createKeyvStore } from 'understudy-cache/keyv';

const understudy = await createUnderstudy({
  redis: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
});
const cache = createCache({ stores: [new Keyv({ store: createKeyvStore(understudy) })], ttl: 60_000 });

console.log(await cache.wrap('user:1', async () => ({ name: 'Ada' }))); // { name: 'Ada' }
console.log(await cache.wrap('user:1', async () => ({ name: 'Grace' }))); // { name: 'Ada' }
await cache.del('user:1');
console.log(await cache.get('user:1')); // undefined

await understudy.stop();
