import type { FamilyReading, HistogramReading, Labels } from './readings.ts';

/** What a response that holds {@link renderPrometheus} says it is. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Readings in the Prometheus text exposition format, version 0.0.4. */
export function renderPrometheus(families: readonly FamilyReading[]): string {
  const lines: string[] = [];
  for (const { name, help, kind, series } of families) {
    lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${kind}`);
    for (const { labels, value } of series) {
      if (typeof value === 'number') lines.push(sample(name, labels, value));
      else pushHistogram(lines, name, labels, value);
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Buckets hold what is at or below their bound, so each holds all before it; the last holds everything. */
function pushHistogram(lines: string[], name: string, labels: Labels, histogram: HistogramReading): void {
  const { bounds, counts, sum, count } = histogram;
  let below = 0;
  for (const [at, bound] of bounds.entries()) {
    below += counts[at] ?? 0;
    lines.push(sample(`${name}_bucket`, { ...labels, le: number(bound) }, below));
  }
  lines.push(sample(`${name}_bucket`, { ...labels, le: '+Inf' }, count));
  lines.push(sample(`${name}_sum`, labels, sum), sample(`${name}_count`, labels, count));
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${number(value)}`;
}

function number(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
