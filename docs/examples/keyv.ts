import { Keyv } from 'keyv';
import { createUnderstudy } from 'understudy-cache';
import { createKeyvStore } from 'understudy-cache/keyv';

const understudy = await createUnderstudy({
  redis: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
});
const users = new Keyv({ store: createKeyvStore(understudy), namespace: 'users' });
const pages = new Keyv({ store: createKeyvStore(understudy), namespace: 'pages' });

await users.set('1', { name: 'Ada' }, 60_000);
await pages.set('1', '<h1>Ada</h1>');
console.log(await users.get('1')); // { name: 'Ada' }
console.log(await users.getMany(['1', '2'])); // [ { name: 'Ada' }, undefined ]
await users.clear();
console.log(await users.has('1'), await pages.get('1')); // false <h1>Ada</h1>

await understudy.stop();
