import type { Behaviour } from '../../src/runtime/behaviour.ts';
import type { ChildSpec } from '../../src/runtime/child-spec.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { isUnderstudyError, UnderstudyError } from '../../src/runtime/errors.ts';
import type { Family, Instruments, Labels, Series } from '../../src/telemetry/instruments.ts';
import type { FamilyReading, MetricsMessage, SeriesReading } from './messages.ts';

const NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** The metrics actor: reads the instruments of all actors, in one batch, when somebody asks. */
export function metricsActor(instruments: Instruments): ChildSpec {
  return {
    id: 'metrics',
    start: () => new MetricsBehaviour(instruments),
    shutdown: 0,
    idempotent: ['metrics.snapshot'],
  };
}

class MetricsBehaviour implements Behaviour {
  readonly #instruments: Instruments;

  constructor(instruments: Instruments) {
    this.#instruments = instruments;
  }

  receive(envelope: Envelope<MetricsMessage>): void {
    try {
      envelope.reply(this.#handle(envelope.message));
    } catch (error) {
      if (!isUnderstudyError(error)) throw error;
      envelope.fail(error);
    }
  }

  #handle(message: MetricsMessage): unknown {
    switch (message.type) {
      case 'metrics.snapshot':
        return [...this.#instruments.families.values()].map(readFamily);
      case 'metrics.count': {
        const by = finite('by', message.by ?? 1);
        if (by < 0) throw new UnderstudyError('INVALID_MESSAGE', 'by: expected a number of 0 or more');
        const name = `app_${checkName(message.name)}_total`;
        this.#instruments
          .counter(name, 'Counted by the host application.', checkLabels(message.labels))
          .add(by);
        return undefined;
      }
      case 'metrics.observe': {
        const name = `app_${checkName(message.name)}`;
        if (!Array.isArray(message.values))
          throw new UnderstudyError('INVALID_MESSAGE', 'values: expected an array');
        const values = message.values.map((value) => finite('values', value));
        const histogram = this.#instruments.histogram(
          name,
          'Observed by the host application.',
          checkLabels(message.labels),
        );
        for (const value of values) histogram.record(value);
        return undefined;
      }
      default:
        throw new UnderstudyError('UNKNOWN_MESSAGE', 'The metrics actor has no such message');
    }
  }
}

function readFamily({ name, help, kind, unit, series }: Family): FamilyReading {
  return { name, help, kind, unit, series: [...series.values()].map(readSeries) };
}

function readSeries(series: Series): SeriesReading {
  const { labels } = series;
  if (series.kind === 'counter') return { labels, value: series.counter.value };
  if (series.kind === 'gauge') return { labels, value: series.read() };
  const { bounds, counts, sum, count } = series.histogram;
  return { labels, value: { bounds, counts: [...counts], sum, count } };
}

function checkName(name: unknown): string {
  if (typeof name === 'string' && NAME.test(name)) return name;
  throw new UnderstudyError('INVALID_MESSAGE', `name: expected ${NAME}, got ${typeof name}`);
}

function checkLabels(labels: unknown): Labels {
  if (labels === undefined) return {};
  const entries = typeof labels === 'object' && labels !== null ? Object.entries(labels) : [['', '']];
  const ok = entries.every(
    ([key, value]) => NAME.test(key) && typeof value === 'string' && value.length <= 64,
  );
  if (ok && entries.length <= 8) return Object.fromEntries(entries);
  throw new UnderstudyError('INVALID_MESSAGE', 'labels: expected at most 8 short strings by name');
}

function finite(field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new UnderstudyError('INVALID_MESSAGE', `${field}: expected a finite number`);
}
