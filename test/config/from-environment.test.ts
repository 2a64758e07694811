import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SERVICE_DEFAULTS } from '../../src/config/defaults.ts';
import { fromEnvironment } from '../../src/config/environment.ts';
import { listOptions } from '../../src/config/option-list.ts';
import { resolveOptions } from '../../src/config/resolve.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';

function problemsOf(env: Record<string, string>): string[] {
  try {
    fromEnvironment(env, SERVICE_DEFAULTS);
  } catch (error) {
    if (!isUnderstudyError(error, 'INVALID_CONFIG')) throw error;
    return error.message.split('\n- ').slice(1);
  }
  return [];
}

test('an empty environment is the defaults', () => {
  expect(fromEnvironment({ PATH: '/bin', HOME: undefined })).toEqual(resolveOptions({}));
});

test('the service assumes a Redis on this machine and a log', () => {
  expect(fromEnvironment({}, SERVICE_DEFAULTS)).toEqual(
    resolveOptions({ redis: { url: 'redis://127.0.0.1:6379' }, log: { level: 'info' } }),
  );
});

test('every variable reaches its option', () => {
  const sample = join(import.meta.dirname, '../../LICENSE');
  const seen = fromEnvironment({
    UNDERSTUDY_REDIS_SENTINEL_NAME: 'main',
    UNDERSTUDY_REDIS_SENTINEL_NODES: 'one:26379, [::1]:26380',
    UNDERSTUDY_REDIS_SENTINEL_PASSWORD: 'pass word',
    UNDERSTUDY_REDIS_USERNAME: '1234',
    UNDERSTUDY_REDIS_PASSWORD: '007',
    UNDERSTUDY_REDIS_DATABASE: '3',
    UNDERSTUDY_REDIS_TLS: 'true',
    UNDERSTUDY_REDIS_TLS_CA: sample,
    UNDERSTUDY_REDIS_COMMAND_TIMEOUT: '100',
    UNDERSTUDY_PREFIX: '',
    UNDERSTUDY_TTL: '5m',
    UNDERSTUDY_MEMORY_MAX_ENTRIES: '50',
    UNDERSTUDY_MEMORY_FOREIGN_TTL: '1500',
    UNDERSTUDY_MEMORY_ISOLATION: 'shared',
    UNDERSTUDY_BREAKER_ERROR_RATE: '0.25',
    UNDERSTUDY_BREAKER_PROBE_MAX: '2000',
    UNDERSTUDY_SUPERVISOR_BACKOFF_MIN: '5',
    UNDERSTUDY_HTTP_TOKEN: '0123456789012345',
    UNDERSTUDY_LOG_LEVEL: 'debug',
  });
  expect(seen).toMatchObject({
    redis: {
      sentinel: {
        name: 'main',
        nodes: [
          { host: 'one', port: 26379 },
          { host: '::1', port: 26380 },
        ],
        password: 'pass word',
      },
      username: '1234',
      password: '007',
      database: 3,
      tls: { ca: expect.stringContaining('MIT') },
      commandTimeout: 100,
    },
    prefix: '',
    ttl: 300_000,
    memory: { maxEntries: 50, foreignTtl: 1_500, isolation: 'shared' },
    breaker: { errorRate: 0.25, probe: { max: 2_000 } },
    supervisor: { backoff: { min: 5 } },
    http: { token: '0123456789012345' },
    log: { level: 'debug' },
  });
});

test.each([
  ['redis://cache.internal:6380/2', { url: 'redis://cache.internal:6380/2' }],
  ['unix:///run/redis.sock', { url: 'unix:///run/redis.sock' }],
])('a URL takes the place of the assumed one: %s', (url, redis) => {
  expect(fromEnvironment({ UNDERSTUDY_REDIS_URL: url }, SERVICE_DEFAULTS)).toMatchObject({ redis });
});

test('another address takes the place of the assumed URL', () => {
  const { redis } = fromEnvironment(
    { UNDERSTUDY_REDIS_HOST: 'h', UNDERSTUDY_REDIS_PORT: '1' },
    SERVICE_DEFAULTS,
  );
  expect(redis).toMatchObject({ host: 'h', port: 1 });
  expect(redis).not.toHaveProperty('url');
});

test('an option beside the address is added to the assumed URL', () => {
  const { redis } = fromEnvironment({ UNDERSTUDY_REDIS_PASSWORD: 'x' }, SERVICE_DEFAULTS);
  expect(redis).toMatchObject({ url: 'redis://127.0.0.1:6379', password: 'x' });
});

test.each(['none', ''])('UNDERSTUDY_REDIS_URL=%s is no Redis', (url) => {
  const env = { UNDERSTUDY_REDIS_URL: url, UNDERSTUDY_REDIS_COMMAND_TIMEOUT: '100' };
  expect(fromEnvironment(env, SERVICE_DEFAULTS).redis).toBeUndefined();
});

test('no Redis and an address of one is a contradiction', () => {
  expect(problemsOf({ UNDERSTUDY_REDIS_URL: 'none', UNDERSTUDY_REDIS_HOST: 'h' })).toEqual([
    expect.stringContaining('redis.url (UNDERSTUDY_REDIS_URL): expected redis://'),
    'redis: expected exactly one of url, host, path, sentinel, cluster',
  ]);
});

test('an empty variable counts as not set', () => {
  const env = { UNDERSTUDY_HTTP_PORT: '', UNDERSTUDY_HTTP_TOKEN: '', UNDERSTUDY_MEMORY_MAX_ENTRIES: '' };
  expect(fromEnvironment(env)).toEqual(resolveOptions({}));
});

test('a TLS file implies TLS', () => {
  const env = {
    UNDERSTUDY_REDIS_URL: 'redis://h',
    UNDERSTUDY_REDIS_TLS_CA: join(import.meta.dirname, '../../LICENSE'),
  };
  expect(fromEnvironment(env).redis?.tls).toMatchObject({ ca: expect.any(String) });
});

test('all problems are told at once, by option and variable', () => {
  expect(
    problemsOf({
      UNDERSTUDY_HTTP_PORT: 'http',
      UNDERSTUDY_HTTP_HOST: '0.0.0.0',
      UNDERSTUDY_MEMORY_MAX_ENTRYS: '5',
      UNDERSTUDY_XYZZY: '5',
      UNDERSTUDY_REDIS_SENTINEL_NODES: 'one:1,two',
      UNDERSTUDY_REDIS_TLS: 'yes',
      UNDERSTUDY_REDIS_TLS_KEY: '/nowhere/key.pem',
      UNDERSTUDY_TTL: '5 minutes',
    }),
  ).toEqual([
    'UNDERSTUDY_MEMORY_MAX_ENTRYS: unknown variable; did you mean UNDERSTUDY_MEMORY_MAX_ENTRIES?',
    'UNDERSTUDY_XYZZY: unknown variable',
    'redis.tls.key (UNDERSTUDY_REDIS_TLS_KEY): expected the path of a readable file, got ENOENT',
    'redis.sentinel.name (UNDERSTUDY_REDIS_SENTINEL_NAME): expected a non-empty text, got nothing',
    'redis.sentinel.nodes (UNDERSTUDY_REDIS_SENTINEL_NODES): expected a list of { host, port }; as a variable host:port,host:port, got "one:1,two"',
    'redis.tls (UNDERSTUDY_REDIS_TLS): expected true, false, or (in an object) the TLS options of Node.js, got "***"',
    'ttl (UNDERSTUDY_TTL): expected milliseconds, or a text like \'5m\', of at most 3650 days, got "5 minutes"',
    'http.port (UNDERSTUDY_HTTP_PORT): expected a whole number from 0 to 65535, got "http"',
    'http.token (UNDERSTUDY_HTTP_TOKEN): expected a token, as http.host is not a loopback address, got nothing',
  ]);
});

test('no secret is told, under its name or a misspelt one', () => {
  const secret = 'hunter2';
  const problems = problemsOf({
    UNDERSTUDY_REDIS_PASWORD: secret,
    UNDERSTUDY_HTTP_TOKEN: secret,
    UNDERSTUDY_REDIS_URL: `redis://user:${secret}@host/x`,
  });
  expect(problems).toHaveLength(3);
  expect(problems.join('\n')).not.toContain(secret);
});

test('no two options have the same variable', () => {
  const variables = listOptions().map(({ variable }) => variable);
  expect(new Set(variables).size).toBe(variables.length);
  for (const variable of variables) expect(variable).toMatch(/^UNDERSTUDY(_[A-Z]+)+$/);
});

test('the variables of the scripts beside the service are none of its business', () => {
  expect(problemsOf({ UNDERSTUDY_HOST_NODE: '1', UNDERSTUDY_TEST_REDIS: 'container' })).toEqual([]);
});

test.each([
  [{ DATABASE_URL: 'postgres://host/db' }, { url: 'postgres://host/db' }],
  [{ DATABASE_URL: 'postgres://host/db', UNDERSTUDY_DURABLE_TIMEOUT: '100' }, { url: 'postgres://host/db' }],
  [
    { DATABASE_URL: 'postgres://host/db', UNDERSTUDY_DURABLE_URL: 'postgresql://own/db' },
    { url: 'postgresql://own/db' },
  ],
  [{ DATABASE_URL: 'postgres://host/db', UNDERSTUDY_DURABLE_DIRECTORY: '/data' }, { directory: '/data' }],
])('of %j the durable tier is %j', (env, expected) => {
  expect(fromEnvironment(env)).toMatchObject({ durable: expected });
});

test.each([
  {},
  { DATABASE_URL: '' },
  { DATABASE_URL: 'postgres://host/db', UNDERSTUDY_DURABLE_URL: 'none' },
  { UNDERSTUDY_DURABLE_URL: 'none' },
  { UNDERSTUDY_DURABLE_TIMEOUT: '100' },
])('%j means no durable tier', (env) => {
  expect(fromEnvironment(env).durable).toBeUndefined();
});

test('what is no Postgres is refused without being repeated, and so are two durable tiers', () => {
  expect(problemsOf({ DATABASE_URL: 'mysql://user:hunter2@host/db' })).toEqual([
    'durable.url (DATABASE_URL): expected postgres://[user:password@]host[:port]/database, got "mysql://***"',
  ]);
  const both = { UNDERSTUDY_DURABLE_URL: 'postgres://host/db', UNDERSTUDY_DURABLE_DIRECTORY: '/data' };
  expect(problemsOf(both)).toEqual(['durable: expected exactly one of url, directory']);
});

test('what the durable tier keeps of values is told by a word, or by an object as JSON', () => {
  const valuesOf = (text: string) =>
    fromEnvironment({ DATABASE_URL: 'postgres://host/db', UNDERSTUDY_DURABLE_VALUES: text }).durable?.values;
  const defaults = { ttl: 604_800_000, timeout: 1_000, prune: { every: 60_000, batch: 1_000 } };
  expect(valuesOf('')).toBeUndefined();
  expect(valuesOf('false')).toBeUndefined();
  expect(valuesOf('true')).toEqual(defaults);
  expect(valuesOf('{"ttl":"1d","prune":{"batch":10}}')).toEqual({
    ...defaults,
    ttl: 86_400_000,
    prune: { every: 60_000, batch: 10 },
  });
  const problems = problemsOf({
    DATABASE_URL: 'postgres://host/db',
    UNDERSTUDY_DURABLE_VALUES: '{"prune":{"batch":0}}',
  });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^durable\.values/);
  // There must be a place for them.
  expect(problemsOf({ UNDERSTUDY_DURABLE_VALUES: 'true' })).toEqual([
    'durable: expected exactly one of url, directory',
  ]);
});
