import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { PrivateRedis } from '../../src/cli/private-redis.ts';
import { redisCall } from '../../src/cli/redis-socket.ts';
import { startProxy, type TcpProxy } from './tcp-proxy.ts';

const SOON = { timeout: 5000 };
const VALUE = 'x'.repeat(1000);
const REPLY = `$1000\r\n${VALUE}\r\n`;
const SUBSCRIBE = '*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n';

let redis: PrivateRedis;
let proxy: TcpProxy;
const clients: Client[] = [];

beforeAll(async () => {
  redis = await PrivateRedis.start();
  await redis.call('SET', 'k', VALUE);
});
afterAll(() => redis.stop());
beforeEach(async () => {
  proxy = await startProxy(redis.port);
});
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  await proxy.stop();
});

interface Client {
  socket: Socket;
  received: () => string;
  /** Resolves with the error code, if any, when the connection is over. */
  closed: Promise<string | undefined>;
}

async function open(): Promise<Client> {
  const socket = connect(proxy.port, '127.0.0.1');
  let received = '';
  let code: string | undefined;
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code;
  });
  const closed = new Promise<string | undefined>((resolve) => socket.on('close', () => resolve(code)));
  await once(socket, 'connect');
  const client = { socket, received: () => received, closed };
  clients.push(client);
  return client;
}

async function get(client: Client): Promise<string> {
  const before = client.received().length;
  client.socket.write('GET k\r\n');
  await expect.poll(() => client.received().length - before, SOON).toBe(REPLY.length);
  return client.received().slice(before);
}

async function subscribe(client: Client): Promise<void> {
  client.socket.write(SUBSCRIBE);
  await expect.poll(client.received, SOON).toContain('subscribe');
}

const ping = (timeoutMs = 5000) => redisCall(proxy.port, ['PING'], { timeoutMs });

test('forwards both ways and counts who is connected', async () => {
  const client = await open();
  expect(await get(client)).toBe(REPLY);
  expect(proxy.connections).toBe(1);
  client.socket.end();
  await client.closed;
  await expect.poll(() => proxy.connections, SOON).toBe(0);
  const big = 'y'.repeat(5_000_000);
  await redisCall(proxy.port, ['SET', 'big', big]);
  expect((await redisCall(proxy.port, ['GET', 'big'])) === big).toBe(true);
});

test('latency delays replies and keeps their order, until healed', async () => {
  const client = await open();
  proxy.latency(300, 200);
  const sent = performance.now();
  for (const word of ['a', 'b', 'c', 'd']) {
    client.socket.write(`ECHO ${word}\r\n`);
    await redisCall(redis.port, ['PING']);
  }
  await expect.poll(() => client.received().match(/[abcd]/g), SOON).toEqual(['a', 'b', 'c', 'd']);
  // Timers count whole milliseconds from the start of the loop's turn.
  expect(performance.now() - sent).toBeGreaterThanOrEqual(299);
  await proxy.heal();
  const healed = performance.now();
  await ping();
  expect(performance.now() - healed).toBeLessThan(299);
});

test('a black hole keeps old and new connections open and silent, and gives up what it held when healed', async () => {
  const old = await open();
  proxy.blackHole();
  old.socket.write('GET k\r\n');
  const fresh = await open();
  fresh.socket.write('GET k\r\n');
  await expect(ping(150)).rejects.toThrow('No reply');
  expect([old.received(), fresh.received()]).toEqual(['', '']);
  expect([old.socket.readyState, fresh.socket.readyState]).toEqual(['open', 'open']);

  await proxy.heal();
  await expect.poll(() => [old.received(), fresh.received()], SOON).toEqual([REPLY, REPLY]);
});

test('a black hole also stops replies that latency was holding', async () => {
  const client = await open();
  proxy.latency(800);
  client.socket.write('GET k\r\n');
  await expect(ping(200)).rejects.toThrow('No reply');
  proxy.blackHole();
  await expect(ping(1000)).rejects.toThrow('No reply');
  expect(client.received()).toBe('');
  await proxy.heal();
  await expect.poll(() => client.received(), SOON).toBe(REPLY);
});

test('a black hole pushes back on who writes much into it', async () => {
  const client = await open();
  proxy.blackHole();
  client.socket.write(`SET big ${'y'.repeat(20_000_000)}\r\n`);
  await expect(ping(300)).rejects.toThrow('No reply');
  expect(client.socket.writableLength).toBeGreaterThan(0);
});

test('a write that its client gave up in a black hole is still done when healed', async () => {
  const client = await open();
  await get(client);
  proxy.blackHole();
  client.socket.write('SET late write\r\n');
  client.socket.destroy();
  await client.closed;
  expect(await redis.call('GET', 'late')).toBeNull();
  await proxy.heal();
  await expect.poll(() => redis.call('GET', 'late'), SOON).toBe('write');
  await expect.poll(() => proxy.connections, SOON).toBe(0);
});

test('refuse resets who is connected and turns new ones away; healed it listens on the same port', async () => {
  const client = await open();
  await get(client);
  await proxy.refuse();
  expect(await client.closed).toBe('ECONNRESET');
  await expect(ping()).rejects.toThrow('ECONNREFUSED');
  expect(proxy.connections).toBe(0);
  await proxy.heal();
  expect(await ping()).toBe('PONG');
});

test('deafened it resets who has subscribed and who does so now, and no other, until it hears', async () => {
  const [asker, hearer] = [await open(), await open()];
  await get(asker);
  await subscribe(hearer);
  proxy.deafen();
  expect(await hearer.closed).toBe('ECONNRESET');
  const late = await open();
  late.socket.write(SUBSCRIBE);
  expect(await late.closed).toBe('ECONNRESET');
  expect(await get(asker)).toBe(REPLY);
  proxy.hear();
  await subscribe(await open());
});

test('closes once in the middle of a reply', async () => {
  const client = await open();
  await get(client);
  proxy.closeMidReply(10);
  client.socket.write('GET k\r\n');
  await client.closed;
  expect(client.received()).toBe(REPLY + REPLY.slice(0, 10));
  expect(await get(await open())).toBe(REPLY);
});

test('closes after as many bytes as asked for, also where they span replies', async () => {
  const client = await open();
  proxy.closeMidReply(REPLY.length + 4);
  await get(client);
  client.socket.write('GET k\r\n');
  await client.closed;
  expect(client.received()).toBe(REPLY + REPLY.slice(0, 4));
});

test('truncates one reply and leaves its connection silent but open, also when healed', async () => {
  const client = await open();
  proxy.truncate(10);
  client.socket.write('GET k\r\n');
  await expect.poll(() => client.received(), SOON).toBe(REPLY.slice(0, 10));
  await proxy.heal();
  const gets = async () =>
    /cmdstat_get:calls=(\d+)/.exec(String(await redis.call('INFO', 'commandstats')))?.[1];
  const before = Number(await gets());
  client.socket.write('GET k\r\n');
  await expect.poll(gets, SOON).toBe(String(before + 1));
  expect(await ping()).toBe('PONG');
  expect(client.received()).toBe(REPLY.slice(0, 10));
  expect(client.socket.readyState).toBe('open');
});

test('flips bits in replies, not in requests, and the same ones for the same seed', async () => {
  const client = await open();
  const flipped = async (rate: number, seed: number) => {
    proxy.flipBits(rate, seed);
    return get(client);
  };
  const first = await flipped(0.1, 7);
  expect(first).not.toBe(REPLY);
  expect(await flipped(0.1, 7)).toBe(first);
  expect(await flipped(0.1, 8)).not.toBe(first);
  expect(differingBits(first)).toBeGreaterThan(60);
  expect(differingBits(first)).toBeLessThan(150);
  expect(differingBits(await flipped(1, 7))).toBe(REPLY.length);
  client.socket.write('SET whole request\r\n');
  await expect.poll(() => redis.call('GET', 'whole'), SOON).toBe('request');
  await proxy.heal();
  expect(await get(await open())).toBe(REPLY);
});

test('a server that is gone closes the connections, and one that is back is reached again', async () => {
  const client = await open();
  await get(client);
  await redis.kill();
  await client.closed;
  await expect(ping()).rejects.toThrow(/closed|ECONNRESET/);
  await redis.restart();
  await redis.call('SET', 'k', VALUE);
  expect(await ping()).toBe('PONG');
});

test('stop ends its connections and its port, also in a black hole', async () => {
  const client = await open();
  proxy.blackHole();
  await proxy.stop();
  await client.closed;
  await expect(ping()).rejects.toThrow('ECONNREFUSED');
});

/** How many bits of a damaged reply are not those that the server sent. */
function differingBits(reply: string): number {
  const sent = Buffer.from(REPLY);
  const bits = Buffer.from(reply, 'latin1').map((byte, at) => popCount(byte ^ (sent[at] ?? 0)));
  return bits.reduce((sum, count) => sum + count, 0);
}

function popCount(byte: number): number {
  return byte === 0 ? 0 : (byte & 1) + popCount(byte >>> 1);
}
