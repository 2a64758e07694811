/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Names of exporters, by signal; none where a signal is not wanted. */
export interface WantedSignals {
  readonly traces: readonly string[];
  readonly metrics: readonly string[];
}

/**
 * What the standard variables of OpenTelemetry ask for. A signal is wanted when its exporter or an endpoint for it is
 * named: without any of them nothing is exported, instead of everything to a collector that is not there.
 */
export function wantedSignals(env: Environment): WantedSignals {
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return { traces: [], metrics: [] };
  return { traces: exporters(env, 'TRACES'), metrics: exporters(env, 'METRICS') };
}

function exporters(env: Environment, signal: 'TRACES' | 'METRICS'): readonly string[] {
  const named = list(env[`OTEL_${signal}_EXPORTER`]);
  if (named.includes('none')) return [];
  if (named.length > 0) return named;
  const endpoint =
    env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]?.trim() || env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim();
  return endpoint ? ['otlp'] : [];
}

/** The protocol that metrics are sent by. */
export function metricsProtocol(env: Environment): string {
  const specific = env.OTEL_EXPORTER_OTLP_METRICS_PROTOCOL?.trim();
  return specific || env.OTEL_EXPORTER_OTLP_PROTOCOL?.trim() || 'http/protobuf';
}

/** Milliseconds between two exports of metrics, and until one is given up. */
export function exportTimes(env: Environment): { readonly interval: number; readonly timeout: number } {
  const interval = positive(env.OTEL_METRIC_EXPORT_INTERVAL) ?? 60_000;
  const timeout = positive(env.OTEL_METRIC_EXPORT_TIMEOUT) ?? 30_000;
  return { interval, timeout: Math.min(timeout, interval) };
}

/** Attributes of the resource that the environment does not state itself. */
export function resourceDefaults(
  env: Environment,
  defaults: Readonly<Record<string, string>>,
): Record<string, string> {
  const stated = new Set(list(env.OTEL_RESOURCE_ATTRIBUTES).map((pair) => pair.split('=')[0]?.trim()));
  const { 'service.name': name = 'unknown_service', ...others } = defaults;
  const unstated = Object.entries(others).filter(([attribute]) => !stated.has(attribute));
  const ownName = env.OTEL_SERVICE_NAME?.trim();
  if (!ownName && stated.has('service.name')) return Object.fromEntries(unstated);
  return Object.fromEntries([['service.name', ownName || name], ...unstated]);
}

function list(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function positive(text: string | undefined): number | undefined {
  const number = Number(text?.trim() || Number.NaN);
  return number > 0 && number <= 2_147_483_647 ? number : undefined;
}
