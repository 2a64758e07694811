import { expect, test } from 'vitest';
import { answer } from '../http/served.ts';
import { OtlpReceiver } from '../telemetry/otlp-receiver.ts';
import { serving } from './command-line.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';

test('spans and the last metrics of a service leave before it has stopped', async () => {
  await using receiver = await OtlpReceiver.listen();
  const { line, url } = await serving({
    UNDERSTUDY_REDIS_URL: 'none',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  });
  await expect
    .poll(() => line.log.map(({ msg }) => msg), { timeout: 10_000 })
    .toContain('exporting telemetry');
  await answer(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    body: JSON.stringify({ type: 'metrics.count', name: 'last_words' }),
  });
  line.signal('SIGTERM');
  expect(await line.ended).toEqual({ code: 0, signal: null });
  const traces = JSON.stringify(receiver.json('/v1/traces'));
  expect(traces).toContain(traceId);
  expect(traces).toContain('POST /v1/messages');
  expect(JSON.stringify(receiver.json('/v1/metrics'))).toContain('app_last_words_total');
  expect(line.stderr).toBe('');
});

test('a collector that is away does not hold up the end', async () => {
  const { line } = await serving({
    UNDERSTUDY_REDIS_URL: 'none',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  });
  await expect
    .poll(() => line.log.map(({ msg }) => msg), { timeout: 10_000 })
    .toContain('exporting telemetry');
  const began = performance.now();
  line.signal('SIGTERM');
  expect(await line.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(6_000);
});
