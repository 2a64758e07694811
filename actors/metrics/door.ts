import { UnderstudyError } from '../../src/runtime/errors.ts';
import type { Labels } from '../../src/telemetry/readings.ts';

const NAME = /^[a-z][a-z0-9_]{0,63}$/;
/** Labels that Prometheus gives a meaning of its own. */
const RESERVED: readonly string[] = ['le', 'quantile', 'otel_metric_overflow'];
const MAX_LABELS = 8;
const MAX_LABEL_LENGTH = 64;
/** Values in one message. */
const MAX_VALUES = 10_000;

/** The name of a metric of the host application, without `app_` and suffix. */
export function checkName(name: unknown): string {
  if (typeof name === 'string' && NAME.test(name)) return name;
  throw new UnderstudyError('INVALID_MESSAGE', `name: expected ${NAME}, got ${shape(name)}`);
}

/** Labels of a metric of the host application: few, short, and with names that Prometheus accepts. */
export function checkLabels(labels: unknown): Labels {
  if (labels === undefined) return {};
  const entries = typeof labels === 'object' && labels !== null ? Object.entries(labels) : undefined;
  if (entries === undefined || entries.length > MAX_LABELS || !entries.every(isLabel)) {
    throw new UnderstudyError(
      'INVALID_MESSAGE',
      `labels: expected at most ${MAX_LABELS} strings of at most ${MAX_LABEL_LENGTH} characters by name (${NAME}, not ${RESERVED.join(', ')}), got ${shape(labels)}`,
    );
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, value.toWellFormed()]));
}

export function checkNumbers(field: string, values: unknown): readonly number[] {
  if (!Array.isArray(values) || values.length > MAX_VALUES) {
    const expected = `expected an array of at most ${MAX_VALUES} numbers`;
    throw new UnderstudyError('INVALID_MESSAGE', `${field}: ${expected}, got ${shape(values)}`);
  }
  return values.map((value) => checkNumber(field, value));
}

export function checkNumber(field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new UnderstudyError('INVALID_MESSAGE', `${field}: expected a finite number, got ${shape(value)}`);
}

function isLabel(entry: [string, unknown]): entry is [string, string] {
  const [name, value] = entry;
  return (
    NAME.test(name) &&
    !RESERVED.includes(name) &&
    typeof value === 'string' &&
    value.length <= MAX_LABEL_LENGTH
  );
}

/** What was given, without its content. */
function shape(given: unknown): string {
  if (given === null) return 'null';
  if (Array.isArray(given)) return `an array of ${given.length}`;
  if (typeof given === 'string') return `a string of ${given.length} characters`;
  return typeof given === 'object' ? `an object of ${Object.keys(given).length}` : `a ${typeof given}`;
}
