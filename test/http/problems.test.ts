import { expect, test, vi } from 'vitest';
import { ERROR_TABLE } from '../../src/runtime/errors.ts';
import { RawRequest } from './raw-request.ts';
import { answer, served } from './served.ts';

test.each([
  ['GET', '/nope', 404, 'NOT_FOUND'],
  ['POST', '/', 404, 'NOT_FOUND'],
  ['GET', '/v1/messages', 405, 'METHOD_NOT_ALLOWED'],
  ['DELETE', '/v1/messages', 405, 'METHOD_NOT_ALLOWED'],
  ['PROPFIND', '/v1/messages', 405, 'METHOD_NOT_ALLOWED'],
  ['POST', '/health?x=1', 405, 'METHOD_NOT_ALLOWED'],
  ['GET', '/%zz', 400, 'INVALID_REQUEST'],
] as const)('%s %s is answered with a problem', async (method, path, status, code) => {
  const { url } = await served();
  const refused = await answer(url + path, { method });
  expect(refused.type).toMatch(/^application\/problem\+json/);
  expect(refused).toMatchObject({ status, body: { status, code, type: `urn:understudy:error:${code}` } });
  expect(refused.body).toMatchObject({
    title: expect.stringMatching(/^[A-Z][a-z ]+$/),
    detail: expect.any(String),
    retryable: ERROR_TABLE[code].retryable,
    advice: ERROR_TABLE[code].advice,
    instance: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/),
  });
});

test('a wrong method is told which are right', async () => {
  const { url } = await served();
  const { headers } = await answer(`${url}/v1/messages`, { method: 'PUT', body: '{}' });
  expect(headers.get('allow')).toBe('POST');
  expect((await answer(`${url}/livez`, { method: 'POST' })).headers.get('allow')).toBe('GET, HEAD');
});

test.each([
  ['text/plain', 'text'],
  ['application/x-www-form-urlencoded', 'a=b'],
  ['application/json5', '{}'],
  ['nonsense', '{}'],
])('a body of %s is refused', async (type, body) => {
  const { post } = await served();
  expect(await post(body, { 'content-type': type })).toMatchObject({
    status: 415,
    body: { code: 'UNSUPPORTED_MEDIA_TYPE' },
  });
});

test.each([
  ['nothing', ''],
  ['half of it', '{"type":'],
  ['text', 'cache.get'],
  ['deep arrays without an end', '['.repeat(400_000)],
  ['a prototype', '{"type":"cache.get","__proto__":{"key":"a"}}'],
  ['a nested prototype', '{"type":"cache.set","key":"a","value":{"b":{"__proto__":{}}}}'],
  ['a constructor', '{"type":"cache.set","key":"a","value":{"constructor":{"prototype":{}}}}'],
  ['a byte order mark in the middle', '{"type"\uFEFF:"cache.get"}'],
])('a body that is %s is refused', async (_, body) => {
  const { post } = await served();
  expect(await post(body)).toMatchObject({ status: 400, body: { code: 'INVALID_MESSAGE' } });
});

test('deep arrays with an end are no value that could be stored', async () => {
  const { post } = await served();
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  const refused = await post(`{"type":"cache.set","key":"a","value":${deep}}`);
  expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID_VALUE' } });
});

test('bytes that are not UTF-8 are refused before they become another key', async () => {
  const { post } = await served();
  const bytes = Buffer.concat([
    Buffer.from('{"type":"cache.get","key":"'),
    Buffer.of(0xff, 0xfe),
    Buffer.from('"}'),
  ]);
  expect(await post(bytes)).toMatchObject({ status: 400, body: { code: 'INVALID_MESSAGE' } });
});

test('a body over the limit is refused, by its announced length and by what comes', async () => {
  const { post, url } = await served({ http: { bodyLimit: 1_000 } });
  const large = JSON.stringify({ type: 'cache.set', key: 'a', value: 'v'.repeat(2_000) });
  const expected = {
    status: 413,
    body: { code: 'PAYLOAD_TOO_LARGE', detail: 'body: expected at most 1000 bytes' },
  };
  expect(await post(large)).toMatchObject(expected);
  const head = ['POST /v1/messages HTTP/1.1', 'host: localhost', 'content-type: application/json'];
  const raw = new RawRequest(url).send([...head, 'transfer-encoding: chunked', '', ''].join('\r\n'));
  raw.send(`${large.length.toString(16)}\r\n${large}\r\n`);
  await raw.closed;
  expect(raw.received).toMatch(/^HTTP\/1.1 413 /);
  expect(raw.received).toContain('PAYLOAD_TOO_LARGE');
  expect(await post({ type: 'cache.has', key: 'a' })).toMatchObject({ body: { reply: false } });
});

test.each([
  ['no HTTP', 'hello\r\n\r\n', 400, 'INVALID_REQUEST'],
  ['no host', 'GET /livez HTTP/1.1\r\n\r\n', 400, 'INVALID_REQUEST'],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    400,
    'INVALID_REQUEST',
  ],
  [
    'huge headers',
    `GET /livez HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`,
    431,
    'HEADERS_TOO_LARGE',
  ],
])('%s is answered with a problem', async (_, text, status, code) => {
  const { url, get } = await served();
  const raw = new RawRequest(url).send(text);
  await vi.waitFor(() => expect(raw.received).toContain(code));
  expect(raw.received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(raw.received).toContain('application/problem+json');
  expect(await get('/livez')).toMatchObject({ status: 200 });
});

test('an expectation that nobody can meet is ignored', async () => {
  const { url } = await served();
  const raw = new RawRequest(url).send('GET /livez HTTP/1.1\r\nhost: a\r\nexpect: miracles\r\n\r\n');
  await vi.waitFor(() => expect(raw.received).toMatch(/^HTTP\/1.1 200 /));
});

test('an HTTP/1.0 client without a host is answered', async () => {
  const { url } = await served();
  const raw = new RawRequest(url).send('GET /livez HTTP/1.0\r\n\r\n');
  await raw.closed;
  expect(raw.received).toMatch(/^HTTP\/1.1 200 /);
});
