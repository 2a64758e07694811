import { createUnderstudy } from 'understudy-cache';
import { understudyDriver } from 'understudy-cache/unstorage';
import { createStorage } from 'unstorage';

const understudy = await createUnderstudy({
  redis: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
});
const storage = createStorage({ driver: understudyDriver({ understudy }) });

await storage.setItem('users:1', { name: 'Ada' }, { ttl: 60 });
await storage.setItemRaw('avatars:1', Buffer.from('png'));
console.log(await storage.getItem('users:1')); // { name: 'Ada' }
console.log(String(await storage.getItemRaw('avatars:1'))); // png
console.log(await storage.getKeys('users')); // [ 'users:1' ]
await storage.removeItem('users:1');
console.log(await storage.getItem('users:1')); // null

await understudy.stop();
