import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { PrivateRedis } from '../../src/cli/private-redis.ts';
import { type RedisReply, RedisReplyError, redisCall } from '../../src/cli/redis-socket.ts';

let redis: PrivateRedis;
const call = (...command: (string | number | Uint8Array)[]): Promise<RedisReply> =>
  redisCall(redis.port, command);

beforeAll(async () => {
  redis = await PrivateRedis.start();
});
afterAll(() => redis.stop());

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that answers anything with these bytes, and hangs up if told so. */
async function answering(reply: string[], hangUp = false): Promise<number> {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.once('data', async () => {
      for (const piece of reply) await new Promise((written) => socket.write(piece, written));
      if (hangUp) socket.end();
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

test('each kind of reply', async () => {
  expect(await call('SET', 'text', 'größer')).toBe('OK');
  expect(await call('GET', 'text')).toBe('größer');
  expect(await call('GET', 'none')).toBeNull();
  expect(await call('SET', 'empty', '')).toBe('OK');
  expect(await call('GET', 'empty')).toBe('');
  expect(await call('INCRBY', 'count', -7)).toBe(-7);
  expect(await call('EVAL', "return {1, {'a', {}}, false}", 0)).toEqual([1, ['a', []], null]);
});

test('bytes that are no text come back whole in an encoding that keeps them', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  await call('SET', 'bytes', bytes);
  const read = await redisCall(redis.port, ['GET', 'bytes'], { encoding: 'latin1' });
  expect(Buffer.from(String(read), 'latin1')).toEqual(Buffer.from(bytes));
});

test('a reply of many packets', async () => {
  const big = 'x'.repeat(3_000_000);
  await call('SET', 'big', big);
  expect((await call('GET', 'big')) === big).toBe(true);
});

test('a reply that comes in pieces', async () => {
  const port = await answering(['*2\r', '\n$3\r\nab', 'c\r', '\n:', '4', '2\r\n']);
  expect(await redisCall(port, ['ANY'])).toEqual(['abc', 42]);
});

test('an error reply is thrown', async () => {
  await call('SET', 'text', 'v');
  await expect(call('LPUSH', 'text', 'v')).rejects.toThrow(RedisReplyError);
  await expect(call('LPUSH', 'text', 'v')).rejects.toThrow(/^WRONGTYPE/);
});

test('an ACL user is who he says he is', async () => {
  await call('ACL', 'SETUSER', 'ada', 'on', '>secret', '~*', '+@all');
  const options = { username: 'ada', password: 'secret' };
  expect(await redisCall(redis.port, ['ACL', 'WHOAMI'], options)).toBe('ada');
  await expect(redisCall(redis.port, ['PING'], { ...options, password: 'guess' })).rejects.toThrow(
    /^WRONGPASS/,
  );
});

test('the Unix socket is the same server', async () => {
  expect(await redisCall(redis.socketPath, ['CONFIG', 'GET', 'port'])).toEqual(['port', String(redis.port)]);
});

test('a late reply, one cut short and one that is no RESP are errors', async () => {
  await expect(redisCall(await answering(['$9\r\nhalf']), ['ANY'], { timeoutMs: 50 })).rejects.toThrow(
    'within 50 ms',
  );
  await expect(redisCall(await answering(['$9\r\nhalf'], true), ['ANY'])).rejects.toThrow(
    'before the reply was complete',
  );
  await expect(redisCall(await answering(['HTTP/1.1 200\r\n']), ['ANY'])).rejects.toThrow(
    'first byte of 0x48',
  );
});
