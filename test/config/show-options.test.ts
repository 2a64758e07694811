import { expect, test } from 'vitest';
import { resolveOptions } from '../../src/config/resolve.ts';
import { showOptions } from '../../src/config/show.ts';

const secret = 'hunter2-hunter2-hunter2';

test('what is shown is the resolved configuration', () => {
  const shown: unknown = JSON.parse(
    showOptions(resolveOptions({ redis: { url: 'redis://host:1/2' }, ttl: '5m' })),
  );
  expect(shown).toMatchObject({ redis: { url: 'redis://host:1/2', commandTimeout: 250 }, ttl: 300_000 });
});

test('no Redis is shown as null', () => {
  expect(JSON.parse(showOptions(resolveOptions({})))).toHaveProperty('redis', null);
});

test.each([
  { redis: { url: `redis://user:${secret}@host:1/2` } },
  { redis: { url: `redis://${secret}@host:1/2` } },
  { redis: { host: 'h', username: 'user', password: secret } },
  { redis: { sentinel: { name: 'm', nodes: [{ host: 'h', port: 1 }], password: secret } } },
  { redis: { host: 'h', tls: { key: secret, cert: 'c', passphrase: secret } } },
  { http: { token: secret } },
  { durable: { url: `postgres://user:${secret}@host/db` } },
  { durable: { url: `postgres://host/db?password=${secret}` } },
])('no secret is shown of %j', (input) => {
  const shown = showOptions(resolveOptions(input));
  expect(shown).toContain('***');
  expect(shown).not.toContain(secret);
});

test('what is not secret in a URL is shown', () => {
  const { redis } = JSON.parse(
    showOptions(resolveOptions({ redis: { url: `rediss://user:${secret}@host:1/2` } })),
  );
  expect(redis.url).toBe('rediss://***@host:1/2');
});
