import fc from 'fast-check';
import { expect, test } from 'vitest';
import { served } from './served.ts';

const types = [
  ...[
    'get',
    'find',
    'has',
    'getMany',
    'set',
    'setMany',
    'delete',
    'deleteMany',
    'touch',
    'increment',
    'clear',
  ],
  ...['keys', 'acquire', 'fulfil', 'abandon', 'stats', 'system.drain', '__proto__'],
].map((verb) => `cache.${verb}`);
const others = ['metrics.count', 'metrics.observe', 'metrics.snapshot', 'health.check', 'supervisor.tree'];

const nearlyMessages = fc.record(
  {
    type: fc.constantFrom(...types, ...others),
    key: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    keys: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
    value: fc.jsonValue(),
    ttl: fc.oneof(fc.integer(), fc.double(), fc.constantFrom('5m', '1h', 'x'), fc.jsonValue()),
    by: fc.oneof(fc.integer(), fc.jsonValue()),
    prefix: fc.oneof(fc.string(), fc.jsonValue()),
    cursor: fc.oneof(fc.string(), fc.jsonValue()),
    limit: fc.oneof(fc.integer(), fc.jsonValue()),
    lease: fc.oneof(fc.string(), fc.jsonValue()),
    reason: fc.jsonValue(),
    entries: fc.oneof(fc.array(fc.record({ key: fc.string(), value: fc.jsonValue() })), fc.jsonValue()),
    name: fc.oneof(fc.constant('hits'), fc.string()),
    labels: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.jsonValue()),
    values: fc.oneof(fc.array(fc.double()), fc.jsonValue()),
  },
  { requiredKeys: ['type'] },
);

/** All fields that a type has no use for would be refused at once; few of them reach the actors. */
const sparse = fc
  .tuple(
    nearlyMessages,
    fc.array(fc.constantFrom('key', 'value', 'ttl', 'keys', 'prefix', 'entries'), { maxLength: 3 }),
  )
  .map(([message, names]) =>
    Object.fromEntries(
      Object.entries(message).filter(([name]) => name === 'type' || names.includes(name as 'key')),
    ),
  );

test('whatever is posted, the answer is a reply or a problem of the client, and comes in time', async () => {
  const { post, errors } = await served();
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), fc.string(), nearlyMessages, sparse), async (body) => {
      const answered = await post(body, { 'understudy-deadline': '200' });
      // 502 and 504: a load that another request abandoned with a reason, or never ended.
      expect([200, 400, 404, 409, 502, 504]).toContain(answered.status);
      if (answered.status !== 200)
        expect(answered.body).toMatchObject({ status: answered.status, code: expect.any(String) });
    }),
    { numRuns: 500 },
  );
  expect(errors).toEqual([]);
});

test('whatever headers are sent, the answer is no internal error', async () => {
  const { post } = await served();
  const text = fc.string({ unit: fc.constantFrom(...'abc 019.,;=/-_:{}[]"\\') });
  await fc.assert(
    fc.asyncProperty(text, text, text, async (deadline, traceparent, authorization) => {
      const headers = {
        'understudy-deadline': deadline,
        traceparent,
        authorization,
        tracestate: traceparent,
      };
      const answered = await post({ type: 'cache.has', key: 'a' }, headers);
      expect([200, 400]).toContain(answered.status);
    }),
    { numRuns: 200 },
  );
});
