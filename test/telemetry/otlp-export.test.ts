import { context, diag, metrics, propagation, trace } from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../src/cli/free-port.ts';
import type { Understudy } from '../../src/system/understudy.ts';
import { createUnderstudy } from '../../src/system.ts';
import { startTelemetry } from '../../src/telemetry/sdk.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { LogLines } from './log-lines.ts';
import { OtlpReceiver } from './otlp-receiver.ts';

let redis: RedisServer;
let understudy: Understudy;
let log: LogLines;

beforeAll(async () => {
  redis = await startRedis();
  understudy = await createUnderstudy({ redis: { url: redis.url } });
});
afterAll(async () => {
  await understudy?.stop();
  await redis?.stop();
});
beforeEach(() => {
  log = new LogLines();
});

afterEach(() => {
  for (const api of [context, diag, metrics, propagation, trace]) api.disable();
});

/** Sets the environment that both the SDK and Understudy read. */
function environment(variables: Record<string, string>): NodeJS.ProcessEnv {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return process.env;
}

describe('the export by OTLP', () => {
  it('sends spans and metrics as JSON, under the name of the instance', async () => {
    await using receiver = await OtlpReceiver.listen();
    const env = environment({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    const telemetry = await startTelemetry(env, understudy, log.logger('info'));
    expect(telemetry).toMatchObject({ traces: true, metrics: true });
    await understudy.cache.set('a', 1);
    await understudy.cache.get('a');
    await telemetry.shutdown();

    const { instance } = await understudy.health();
    expect(receiver.json('/v1/traces')).toMatchObject([
      {
        resourceSpans: [
          {
            resource: {
              attributes: expect.arrayContaining([
                { key: 'service.name', value: { stringValue: 'understudy' } },
                { key: 'service.version', value: { stringValue: expect.stringMatching(/^\d+\.\d+\.\d+/) } },
                { key: 'service.instance.id', value: { stringValue: instance } },
                { key: 'deployment.environment.name', value: { stringValue: 'test' } },
              ]),
            },
            scopeSpans: [
              {
                scope: { name: 'understudy-cache' },
                spans: [
                  expect.objectContaining({ name: 'EVALSHA understudy.write', kind: 3 }),
                  expect.objectContaining({ name: `MGET 127.0.0.1:${redis.port}`, kind: 3 }),
                ],
              },
            ],
          },
        ],
      },
    ]);
    const metrics = JSON.stringify(receiver.json('/v1/metrics'));
    for (const { name } of await understudy.ask({ type: 'metrics.snapshot' }))
      expect(metrics).toContain(`"${name}"`);
    expect(receiver.received.map((one) => one.path).sort()).toEqual(['/v1/metrics', '/v1/traces']);
  });

  it('does not export the command line, which may hold a password', async () => {
    await using receiver = await OtlpReceiver.listen();
    const env = environment({
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/v1/metrics`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    });
    await (await startTelemetry(env, understudy, log.logger('info'))).shutdown();
    const sent = JSON.stringify(receiver.json('/v1/metrics'));
    expect(sent).toContain('host.name');
    expect(sent).not.toContain('process.command');
  });

  it('sends metrics as protobuf by default, and no traces where only metrics have an endpoint', async () => {
    await using receiver = await OtlpReceiver.listen();
    const env = environment({
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.url}/v1/metrics`,
      OTEL_SERVICE_NAME: 'my-cache',
    });
    const telemetry = await startTelemetry(env, understudy, log.logger('info'));
    expect(telemetry).toMatchObject({ traces: false, metrics: true });
    expect(trace.getTracer('test').startSpan('request').isRecording()).toBe(false);
    await telemetry.shutdown();
    expect(receiver.received.map((one) => [one.path, one.contentType])).toEqual([
      ['/v1/metrics', 'application/x-protobuf'],
    ]);
    const bytes = receiver.bytes('/v1/metrics');
    expect(bytes.includes('my-cache')).toBe(true);
    for (const { name } of await understudy.ask({ type: 'metrics.snapshot' }))
      expect(bytes.includes(name)).toBe(true);
  });

  it('sends them at the interval that is set', async () => {
    await using receiver = await OtlpReceiver.listen();
    const env = environment({
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_METRIC_EXPORT_INTERVAL: '50',
    });
    const telemetry = await startTelemetry(env, understudy, log.logger('info'));
    await expect.poll(() => receiver.received.length).toBeGreaterThanOrEqual(3);
    await telemetry.shutdown();
  });

  it('gives up a collector that is away, in time and not in silence', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const env = environment({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_TIMEOUT: '400',
      OTEL_TRACES_EXPORTER: 'none',
    });
    const telemetry = await startTelemetry(env, understudy, log.logger('info'));
    const began = performance.now();
    await telemetry.shutdown(100);
    expect(performance.now() - began).toBeLessThan(300);
    const failures = () => log.entries.filter((entry) => entry.level === 50);
    await expect.poll(failures, { timeout: 5_000 }).toEqual([
      expect.objectContaining({
        msg: 'the OpenTelemetry SDK failed',
        reason: expect.stringContaining('ECONNREFUSED'),
      }),
    ]);
  });

  it('says what it does not know', async () => {
    const env = environment({ OTEL_METRICS_EXPORTER: 'prometheus,carrier-pigeon' });
    await (await startTelemetry(env, understudy, log.logger('info'))).shutdown();
    expect(log.entries.filter((entry) => entry.level === 40).map((entry) => entry.exporter)).toEqual([
      'prometheus',
      'carrier-pigeon',
    ]);
  });

  it.each([
    ['no variable is set', {}],
    ['the SDK is disabled', { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }],
    [
      'both exporters are none',
      {
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      },
    ],
  ])('is off when %s', async (_when, variables) => {
    const telemetry = await startTelemetry(environment(variables), understudy, log.logger('info'));
    expect(telemetry).toMatchObject({ traces: false, metrics: false });
    expect(log.entries).toEqual([]);
    await telemetry.shutdown();
  });
});
