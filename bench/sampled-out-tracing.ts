import { context, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

/**
 * Runs something as an instrumented application does: an OpenTelemetry SDK with its asynchronous context, and a request
 * span active around every call, all of it sampled out.
 */
export async function underSampledOutSpan<T>(run: () => Promise<T>): Promise<T> {
  return await trace.getTracer('bench').startActiveSpan('request', async (span) => {
    const result = await run();
    const active = trace.getSpan(context.active());
    if (active !== span || span.isRecording()) throw new Error('the span was to be active and sampled out');
    span.end();
    return result;
  });
}

/** To be called before the library under test is loaded, as applications do. */
export function startSampledOutTracing(): void {
  Object.assign(process.env, {
    OTEL_TRACES_SAMPLER: 'always_off',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  });
  const done = (): Promise<void> => Promise.resolve();
  const processor = { onStart: () => {}, onEnd: () => {}, forceFlush: done, shutdown: done };
  new NodeSDK({ spanProcessors: [processor], autoDetectResources: false }).start();
}
