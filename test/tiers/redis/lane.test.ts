import { afterEach, expect, test } from 'vitest';
import {
  connectClient,
  createClient,
  destroyClient,
  type RedisClient,
} from '../../../src/tiers/redis/client.ts';
import { send } from '../../../src/tiers/redis/send.ts';
import { RawServer } from '../../servers/raw-server.ts';
import { tierOptions } from '../redis-tier-options.ts';

let server: RawServer;
let client: RedisClient;
afterEach(async () => {
  destroyClient(client);
  await server.stop();
});

async function connected(answer: (received: string) => string): Promise<void> {
  server = await RawServer.start((received) => (received.includes('setname') ? '+OK\r\n' : answer(received)));
  const { port } = server;
  client = createClient(tierOptions({ kind: 'standalone', address: { host: '127.0.0.1', port } }));
  client.on('error', () => {});
  await connectClient(client, 1_000);
}

test('replies belong to what was asked, in its order; an error to the one that it answers', async () => {
  await connected(() => ':1\r\n-NOPERM no\r\n$1\r\nc\r\n');
  const replies = await Promise.allSettled([
    send(client, 'a', []),
    send(client, 'b', []),
    send(client, 'c', []),
  ]);
  expect(replies).toMatchObject([
    { status: 'fulfilled', value: 1 },
    { status: 'rejected', reason: { name: 'ReplyError', message: 'NOPERM no' } },
    { status: 'fulfilled', value: 'c' },
  ]);
});

test('what is said in one turn goes out in one piece', async () => {
  const received: string[] = [];
  await connected((text) => {
    received.push(text);
    return '+OK\r\n+OK\r\n';
  });
  await Promise.all([send(client, 'get', ['ключ']), send(client, 'get', ['k'])]);
  expect(received).toEqual(['*2\r\n$3\r\nget\r\n$8\r\nключ\r\n*2\r\n$3\r\nget\r\n$1\r\nk\r\n']);
});

test.each([
  ['bytes that are no reply', '?what\r\n'],
  ['an answer to no question', ':1\r\n:2\r\n:3\r\n'],
])('%s end the connection, and all who wait are told', async (_, bytes) => {
  await connected(() => bytes);
  const closed = new Promise((resolve) => client.once('close', resolve));
  await Promise.allSettled([send(client, 'a', []), send(client, 'b', [])]);
  await closed;
  await expect(send(client, 'c', [])).rejects.toThrow('not connected to Redis');
});

test('whoever waits when the connection ends is told', async () => {
  await connected(() => {
    server.hangUp();
    return '';
  });
  await expect(send(client, 'a', [])).rejects.toThrow('Connection is closed.');
});
