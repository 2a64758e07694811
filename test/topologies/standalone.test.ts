import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { redisCall } from '../../src/cli/redis-socket.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { startTlsRedis, type TlsRedis } from '../servers/tls.ts';
import { expectToServe } from './conforms.ts';

let redis: RedisServer;
let secure: TlsRedis;
beforeAll(async () => {
  [redis, secure] = await Promise.all([startRedis(), startTlsRedis()]);
});
afterAll(() => Promise.all([redis.stop(), secure.stop()]));
beforeEach(() => redis.call('FLUSHALL'));

test('by URL', () => expectToServe({ redis: { url: redis.url } }));

test('by host and port', () => expectToServe({ redis: { host: '127.0.0.1', port: redis.port } }));

test('by Unix socket', () => expectToServe({ redis: { path: redis.socketPath } }));

test('by the URL of a Unix socket, with a database', async () => {
  await expectToServe({ redis: { url: `unix://${redis.socketPath}?db=2` } });
  expect(await redis.call('DBSIZE')).toBe(0);
});

test('in a database of its own', async () => {
  await expectToServe({ redis: { url: `${redis.url}/5` } });
  expect(await redis.call('DBSIZE')).toBe(0);
  expect(await redis.call('INFO', 'keyspace')).toContain('db5:');
});

test('as a user who may do no more than it takes', async () => {
  const rights = ['~understudy:*', '-@all', '+auth', '+ping', '+client', '+time'];
  const commands = [
    '+get',
    '+mget',
    '+set',
    '+unlink',
    '+pexpire',
    '+hget',
    '+hgetall',
    '+hset',
    '+hdel',
    '+scan',
    '+eval',
    '+evalsha',
    '+script|load',
  ];
  await redis.call('ACL', 'SETUSER', 'app', 'reset', 'on', '>canary', ...rights, ...commands);
  await expectToServe({ redis: { url: redis.url, username: 'app', password: 'canary' } });
  await expectToServe({
    prefix: 'understudy:url:',
    redis: { url: `redis://app:canary@127.0.0.1:${redis.port}` },
  });
});

test('with the password of the default user', async () => {
  await redis.call('CONFIG', 'SET', 'requirepass', 'pass/word');
  try {
    await expectToServe({ redis: { url: redis.url, password: 'pass/word' } });
    await expectToServe({
      prefix: 'url:',
      redis: { url: `redis://:${encodeURIComponent('pass/word')}@127.0.0.1:${redis.port}` },
    });
  } finally {
    await redisCall(redis.port, ['CONFIG', 'SET', 'requirepass', ''], { password: 'pass/word' });
  }
});

test('over TLS, by URL', () => expectToServe({ redis: { url: secure.url, tls: { ca: secure.ca } } }));

test('over TLS, by host', () => {
  return expectToServe({
    prefix: 'host:',
    redis: { host: 'localhost', port: secure.redis.port, tls: { ca: secure.ca } },
  });
});
