import { createUnderstudy } from 'understudy-cache';
import { cached } from 'understudy-cache/cached';

const understudy = await createUnderstudy({
  redis: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
});

interface Filter {
  readonly country?: string;
  readonly active?: boolean;
}

let queries = 0;
const countUsers = cached(
  understudy,
  async (tenant: string, filter: Filter): Promise<number> => {
    queries++;
    return tenant.length + Object.keys(filter).length;
  },
  { name: 'countUsers', ttl: '5m' },
);

// What an earlier run of this example has cached.
await countUsers.invalidate('acme', { country: 'AT', active: true });

await Promise.all(Array.from({ length: 100 }, () => countUsers('acme', { country: 'AT', active: true })));
await countUsers('acme', { active: true, country: 'AT' });
console.log('queries:', queries);

await countUsers.refresh('acme', { country: 'AT', active: true });
console.log('queries after a refresh:', queries);
console.log('forgotten:', await countUsers.invalidate('acme', { country: 'AT', active: true }));

await understudy.stop();
