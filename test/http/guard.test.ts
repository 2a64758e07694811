import { expect, test } from 'vitest';
import { isLoopback } from '../../src/config/loopback.ts';
import { resolveOptions } from '../../src/config/resolve.ts';
import { RawRequest } from './raw-request.ts';
import { served } from './served.ts';

const token = 'a-token-of-some-length';

test.each(['/health', '/metrics'])('%s wants the token', async (path) => {
  const { get } = await served({ http: { token } });
  const refused = await get(path);
  expect(refused).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
  expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer/);
  expect(JSON.stringify(refused.body)).not.toContain(token);
  expect(await get(path, { authorization: `Bearer ${token}` })).toMatchObject({ status: 200 });
});

test.each(['/livez', '/readyz'])('%s is open', async (path) => {
  const { get } = await served({ http: { token } });
  expect(await get(path)).toMatchObject({ status: 200 });
});

test.each([
  undefined,
  '',
  'Bearer',
  'Bearer wrong',
  `Bearer ${token}x`,
  `Bearer ${token.slice(1)}`,
  `Basic ${token}`,
  token,
])('a message with the authorization %s is refused before its body is read', async (authorization) => {
  const { post } = await served({ http: { token } });
  const headers = authorization === undefined ? {} : { authorization };
  expect(await post('no JSON', headers)).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
});

test('the scheme may be written in any case', async () => {
  const { post } = await served({ http: { token } });
  const answered = await post({ type: 'cache.has', key: 'a' }, { authorization: `bearer ${token}` });
  expect(answered).toMatchObject({ status: 200 });
});

test.each(['attacker.example', 'attacker.example:8377', '127.0.0.1.attacker.example', '192.168.0.7', ''])(
  'without a token a request to the host "%s" is refused: a page could be given our address under its own name',
  async (host) => {
    const { url } = await served();
    const raw = new RawRequest(url).send(
      `GET /health HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
    );
    await raw.closed;
    expect(raw.received).toMatch(/^HTTP\/1.1 401 /);
  },
);

test.each(['localhost', 'localhost:8377', '127.0.0.1:8377', '[::1]:8377'])(
  'without a token a request to the host %s is answered',
  async (host) => {
    const { url } = await served();
    const raw = new RawRequest(url).send(
      `GET /health HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`,
    );
    await raw.closed;
    expect(raw.received).toMatch(/^HTTP\/1.1 200 /);
  },
);

test.each(['0.0.0.0', '::', '192.168.0.7', 'example.com', '8.8.8.8', '127.example.com', '::ffff:10.0.0.1'])(
  'listening at %s is refused without a token',
  (host) => {
    expect(isLoopback(host)).toBe(false);
    expect(() => resolveOptions({ http: { host } })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringContaining('http.token') }),
    );
    expect(resolveOptions({ http: { host, token } }).http.host).toBe(host);
  },
);

test.each(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '::ffff:127.0.0.1'])('%s is loopback', (host) => {
  expect(resolveOptions({ http: { host } }).http.host).toBe(host);
});
