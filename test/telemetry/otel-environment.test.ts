import { describe, expect, it } from 'vitest';
import {
  exportTimes,
  metricsProtocol,
  resourceDefaults,
  wantedSignals,
} from '../../src/telemetry/otel-environment.ts';

const both = { traces: ['otlp'], metrics: ['otlp'] };
const none = { traces: [], metrics: [] };

describe('the standard variables', () => {
  it.each([
    [{}, none],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, both],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '  ' }, none],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318' }, { traces: ['otlp'], metrics: [] }],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://c:4318' }, { traces: [], metrics: ['otlp'] }],
    [{ OTEL_TRACES_EXPORTER: 'console' }, { traces: ['console'], metrics: [] }],
    [{ OTEL_METRICS_EXPORTER: 'otlp, console' }, { traces: [], metrics: ['otlp', 'console'] }],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_TRACES_EXPORTER: 'none' },
      { traces: [], metrics: ['otlp'] },
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_SDK_DISABLED: 'TRUE' }, none],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', OTEL_SDK_DISABLED: 'false' }, both],
  ])('%o want %o', (env, wanted) => {
    expect(wantedSignals(env)).toEqual(wanted);
  });

  it('choose the protocol by signal before the common one', () => {
    expect(metricsProtocol({})).toBe('http/protobuf');
    expect(metricsProtocol({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toBe('grpc');
    const two = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' };
    expect(metricsProtocol(two)).toBe('http/json');
  });

  it('never let an export outlast its interval', () => {
    expect(exportTimes({})).toEqual({ interval: 60_000, timeout: 30_000 });
    expect(exportTimes({ OTEL_METRIC_EXPORT_INTERVAL: '5000' })).toEqual({ interval: 5_000, timeout: 5_000 });
    expect(exportTimes({ OTEL_METRIC_EXPORT_INTERVAL: '-1', OTEL_METRIC_EXPORT_TIMEOUT: 'soon' })).toEqual({
      interval: 60_000,
      timeout: 30_000,
    });
  });

  it('state attributes of the resource before the defaults do', () => {
    const defaults = { 'service.name': 'understudy', 'service.version': '1', 'service.instance.id': 'i' };
    expect(resourceDefaults({}, defaults)).toEqual(defaults);
    expect(resourceDefaults({ OTEL_SERVICE_NAME: 'mine' }, defaults)).toEqual({
      ...defaults,
      'service.name': 'mine',
    });
    const stated = { OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=x, service.name=theirs' };
    expect(resourceDefaults(stated, defaults)).toEqual({ 'service.version': '1' });
    expect(resourceDefaults({ ...stated, OTEL_SERVICE_NAME: 'mine' }, defaults)).toEqual({
      'service.name': 'mine',
      'service.version': '1',
    });
  });
});
