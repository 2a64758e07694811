import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { redisCall } from '../../src/cli/redis-socket.ts';
import { isAlive } from './process-state.ts';
import { startTlsRedis, type TlsRedis } from './tls.ts';

let server: TlsRedis;
beforeAll(async () => {
  server = await startTlsRedis();
});
afterAll(() => server.stop());

async function pingOverTls(host: string, ca?: string): Promise<string> {
  const socket = connect({ host, port: server.redis.port, ...(ca === undefined ? {} : { ca }) });
  try {
    await once(socket, 'secureConnect');
    socket.write('PING\r\n');
    const [reply] = await once(socket, 'data');
    return String(reply);
  } finally {
    socket.destroy();
  }
}

test('answers over TLS to whoever trusts its authority, by address and by name', async () => {
  expect(server.url).toBe(`rediss://127.0.0.1:${server.redis.port}`);
  expect(await pingOverTls('127.0.0.1', server.ca)).toBe('+PONG\r\n');
  expect(await pingOverTls('localhost', server.ca)).toBe('+PONG\r\n');
});

test('is not trusted by anyone else', async () => {
  await expect(pingOverTls('127.0.0.1')).rejects.toThrow(/self-signed|unable to verify/);
});

test('does not answer in plain', async () => {
  await expect(redisCall(server.redis.port, ['PING'], { timeoutMs: 2000 })).rejects.not.toThrow('No reply');
});

test('leaves neither process nor files behind', async () => {
  await server.stop();
  expect(isAlive(server.redis.pid)).toBe(false);
  expect(existsSync(server.redis.directory)).toBe(false);
  expect(existsSync(server.directory)).toBe(false);
});
