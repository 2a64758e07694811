import { BentoCache, bentostore } from 'bentocache';
import { createUnderstudy } from 'understudy-cache';
import { understudyDriver } from 'understudy-cache/bentocache';

const understudy = await createUnderstudy({
  redis: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
});
const bento = new BentoCache({
  default: 'main',
  stores: { main: bentostore().useL2Layer(understudyDriver({ understudy })) },
});

const load = async () => ({ name: 'Ada' });
console.log(await bento.getOrSet({ key: 'user:1', ttl: '5m', grace: '1h', factory: load })); // { name: 'Ada' }
console.log(await bento.get({ key: 'user:1' })); // { name: 'Ada' }
await bento.delete({ key: 'user:1' });
console.log(await bento.has({ key: 'user:1' })); // false

await understudy.stop();
