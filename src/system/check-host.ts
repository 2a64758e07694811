import { UnderstudyError } from '../runtime/errors.ts';

/** The methods of what a host application may hand over, by option. */
const METHODS = {
  clock: ['now', 'monotonic', 'setTimeout', 'clearTimeout'],
  logger: ['debug', 'info', 'warn', 'error'],
  tracing: ['capture', 'join', 'roundTrip', 'operation'],
} as const;

/** Throws INVALID_CONFIG for what is there and lacks a method: it would fail in the middle of something, much later. */
export function checkHost(host: Partial<Record<keyof typeof METHODS, unknown>>): void {
  const problems = Object.entries(METHODS).flatMap(([name, methods]) => {
    const given = host[name as keyof typeof METHODS];
    if (given === undefined) return [];
    const missing = methods.filter((method) => !hasMethod(given, method));
    return missing.length === 0 ? [] : [`${name}: expected an object with ${missing.join(', ')}`];
  });
  if (problems.length > 0) throw new UnderstudyError('INVALID_CONFIG', problems.join('\n'));
}

function hasMethod(given: unknown, method: string): boolean {
  return typeof given === 'object' && given !== null && typeof Reflect.get(given, method) === 'function';
}
