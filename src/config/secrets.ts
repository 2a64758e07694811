import { SEAL_MODES } from '../wire/packing-options.ts';
import { postgresUrlProblem } from './durable-schema.ts';
import { redisUrlProblem } from './redis-url.ts';

const SECRET: ReadonlySet<string> = new Set([
  'http.token',
  'redis.password',
  'redis.sentinel.password',
  'redis.tls',
  'redis.tls.ca',
  'redis.tls.cert',
  'redis.tls.key',
]);

/** Whatever was given of seals, should it be a secret in the wrong place. */
const SEALING = /(^|\.)seal(\.|$)/;

const MODES: readonly unknown[] = ['none', ...SEAL_MODES];

const MASK = '***';

/** A value of an option as it may be shown: secrets, and the credentials in a URL, are masked. */
export function masked(path: string, value: unknown): unknown {
  if (path === 'redis.url' && typeof value === 'string') return maskedUrl(value, redisUrlProblem);
  if (path === 'durable.url' && typeof value === 'string') return maskedUrl(value, postgresUrlProblem);
  if (path === 'namespaces') return maskedNamespaces(value);
  if (
    (SECRET.has(path) || (SEALING.test(path) && !MODES.includes(value))) &&
    value !== undefined &&
    typeof value !== 'boolean'
  )
    return MASK;
  return value;
}

function maskedNamespaces(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value === undefined ? value : MASK;
  const show = ([name, terms]: [string, unknown]) => {
    const sealing = typeof terms === 'object' && terms !== null && 'seal' in terms;
    return [name, sealing ? { ...terms, seal: MASK } : terms];
  };
  return Object.fromEntries(Object.entries(value).map(show));
}

const HARMLESS = /^(unix:\/{3}[\w./-]*|([a-z]+:\/\/)?[\w.-]+(:\d{1,5})?(\/[\w-]*)?)(\?db=\d+)?$/i;

/** By what is surely harmless: a URL that cannot be parsed may hold a password anywhere. */
function maskedUrl(text: string, problemOf: (text: string) => string | undefined): string {
  if (HARMLESS.test(text)) return text;
  const url = problemOf(text) === undefined ? URL.parse(text) : null;
  if (url !== null) return `${url.protocol}//${MASK}@${url.host}${url.pathname}${maskedQuery(url)}`;
  return text.replace(/^([a-z]+:\/\/)?.*$/is, `$1${MASK}`);
}

/** A Postgres takes its password there too. Of what Redis takes, nothing is secret. */
function maskedQuery({ protocol, search }: URL): string {
  return search === '' || protocol === 'unix:' ? search : `?${MASK}`;
}
