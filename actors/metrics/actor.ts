import type { Behaviour } from '../../src/runtime/behaviour.ts';
import type { ChildSpec } from '../../src/runtime/child-spec.ts';
import type { Envelope } from '../../src/runtime/envelope.ts';
import { isUnderstudyError, UnderstudyError } from '../../src/runtime/errors.ts';
import type { Instruments } from '../../src/telemetry/instruments.ts';
import { checkLabels, checkName, checkNumber, checkNumbers } from './door.ts';
import type { MetricsMessage } from './messages.ts';

/** The metrics actor: reads the instruments of all actors, in one batch, when somebody asks. */
export function metricsActor(instruments: Instruments): ChildSpec {
  return {
    id: 'metrics',
    start: () => new MetricsBehaviour(instruments),
    shutdown: 0,
    witness: true,
    settles: true,
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
        return this.#instruments.read();
      case 'metrics.count':
        return this.#count(message);
      case 'metrics.observe':
        return this.#observe(message);
      default:
        throw new UnderstudyError('UNKNOWN_MESSAGE', 'The metrics actor has no such message');
    }
  }

  #count(message: Extract<MetricsMessage, { type: 'metrics.count' }>): void {
    const by = checkNumber('by', message.by ?? 1);
    if (by < 0) throw new UnderstudyError('INVALID_MESSAGE', 'by: expected a number of 0 or more');
    const labels = checkLabels(message.labels);
    const name = this.#admit(`app_${checkName(message.name)}_total`, 'counter');
    this.#instruments.counter(name, 'Counted by the host application.', labels).add(by);
  }

  #observe(message: Extract<MetricsMessage, { type: 'metrics.observe' }>): void {
    const values = checkNumbers('values', message.values);
    const labels = checkLabels(message.labels);
    const name = this.#admit(`app_${checkName(message.name)}`, 'histogram');
    const histogram = this.#instruments.histogram(name, 'Observed by the host application.', labels);
    for (const value of values) histogram.record(value);
  }

  /** A new name needs room, and a known one must not change its kind. */
  #admit(name: string, kind: 'counter' | 'histogram'): string {
    const known = this.#instruments.kindOf(name);
    if (known === undefined && this.#instruments.full) {
      this.#instruments.overflowed('other');
      throw new UnderstudyError('OVERLOADED', 'name: there is no room for one more metric');
    }
    if (known === undefined || known === kind) return name;
    throw new UnderstudyError('INVALID_MESSAGE', `name: ${name} is a ${known}, not a ${kind}`);
  }
}
