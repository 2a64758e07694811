import { expect, test } from 'vitest';
import { startRedis } from '../servers/redis-server.ts';
import { SpanRecorder } from '../telemetry/span-recorder.ts';
import { served } from './served.ts';

const recorder = new SpanRecorder();
const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';

test('a request continues the trace that its header names, down to the round trip to Redis', async () => {
  await using redis = await startRedis();
  const { post } = await served({ redis: { url: redis.url } });
  recorder.clear();
  await post({ type: 'cache.get', key: 'a' }, { traceparent: `00-${traceId}-${parentId}-01` });
  const request = recorder.the('POST /v1/messages');
  expect(request).toMatchObject({ traceId, parentId });
  expect(request.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.route': '/v1/messages',
    'http.response.status_code': 200,
  });
  const operation = recorder.the('cache.get');
  expect(operation).toMatchObject({ traceId, parentId: request.spanId });
  expect(recorder.the(`MGET 127.0.0.1:${redis.port}`)).toMatchObject({ traceId, parentId: operation.spanId });
});

test('a request that is refused says so in its span, and a bad header begins a new trace', async () => {
  const { post } = await served();
  recorder.clear();
  await post({ type: 'cache.get', key: '' }, { traceparent: 'nonsense' });
  const request = recorder.the('POST /v1/messages');
  expect(request.parentId).toBeUndefined();
  expect(request.attributes).toMatchObject({ 'http.response.status_code': 400 });
});
