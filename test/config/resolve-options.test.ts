import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULTS } from '../../src/config/defaults.ts';
import { resolveOptions } from '../../src/config/resolve.ts';
import type { OptionsInput } from '../../src/config/schema.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';

function problemsOf(input: unknown): string[] {
  try {
    resolveOptions(input as OptionsInput);
  } catch (error) {
    if (!isUnderstudyError(error, 'INVALID_CONFIG')) throw error;
    const [title, ...lines] = error.message.split('\n');
    expect(title).toBe('Invalid configuration:');
    return lines.map((line) => line.replace(/^- /, ''));
  }
  return [];
}

test('nothing given is everything by default', () => {
  const options = resolveOptions({});
  expect(options.redis).toBeUndefined();
  expect(options.memory.maxEntries).toBe(1_000);
  expect(options.ttl).toBe(3_600_000);
  expect(options.breaker.failures).toBe(5);
  expect(options.breaker.resetTimeout).toBe(30_000);
  expect(options.deadline).toBe(500);
  expect(resolveOptions({ redis: { host: 'h' } }).redis?.commandTimeout).toBe(250);
});

test('what was resolved resolves to itself', () => {
  const options = resolveOptions({ redis: { url: 'redis://h' }, ttl: '5m' });
  expect(resolveOptions(options)).toEqual(options);
});

test('the object of the caller is left as it was', () => {
  const input: OptionsInput = { memory: { maxEntries: 5 }, redis: { url: 'redis://h' } };
  const before = structuredClone(input);
  const options = resolveOptions(input);
  expect(input).toEqual(before);
  expect(options.memory).not.toBe(input.memory);
});

test.each([
  [{ memory: { maxEntries: -1 } }, 'memory.maxEntries: expected a whole number from 1 to 16777216, got -1'],
  [{ memory: { maxEntries: 1.5 } }, 'memory.maxEntries: expected a whole number from 1 to 16777216, got 1.5'],
  [
    { memory: { maxBytes: Number.NaN } },
    'memory.maxBytes: expected a whole number of bytes above 0, got NaN',
  ],
  [{ deadline: '5s' }, 'deadline: expected a whole number of milliseconds from 1 to 2147483647, got "5s"'],
  [{ breaker: { errorRate: 2 } }, 'breaker.errorRate: expected a number above 0 and up to 1, got 2'],
  [{ ttl: 'soon' }, 'ttl: expected milliseconds, or a text like \'5m\', of at most 3650 days, got "soon"'],
  [{ ttl: null }, "ttl: expected milliseconds, or a text like '5m', of at most 3650 days, got null"],
  [
    { log: { level: 'loud' } },
    'log.level: expected one of silent, fatal, error, warn, info, debug, trace, got "loud"',
  ],
  [{ supervisor: { intensity: -1 } }, 'supervisor.intensity: expected a whole number of at least 0, got -1'],
  [
    { prefix: 'p'.repeat(300) },
    `prefix: expected a text of at most 256 characters, got "${'p'.repeat(64)}..."`,
  ],
  [{ batch: null }, 'batch: expected an object, got null'],
  [{ memory: [] }, 'memory: expected an object, got a list'],
  [{ memory: () => {} }, 'memory: expected an object, got a function'],
  [{ breaker: { probe: { min: 9, max: 8 } } }, 'breaker.probe.min: expected at most what max is, got 9'],
  [{ redis: {} }, 'redis: expected exactly one of url, host, path, sentinel, cluster'],
  [{ redis: { host: 'h', path: '/s' } }, 'redis: expected exactly one of url, host, path, sentinel, cluster'],
  [
    { redis: { cluster: { nodes: [] } } },
    'redis.cluster.nodes: expected a list of { host, port }; as a variable host:port,host:port, got a list',
  ],
  [
    { redis: { cluster: { nodes: [{ host: 'h', port: 0 }] } } },
    'redis.cluster.nodes.0.port: expected a whole number from 1 to 65535, got 0',
  ],
  [
    { redis: { cluster: { nodes: [{ host: 'h', port: 1 }] }, database: 2 } },
    'redis.database: expected none, as a Cluster has no databases, got 2',
  ],
  [
    { redis: { host: 'h', tls: 'yes' } },
    'redis.tls: expected true, false, or (in an object) the TLS options of Node.js, got "***"',
  ],
  [
    { http: { token: 'a token with spaces' } },
    'http.token: expected at least 16 visible ASCII characters without spaces, got "***"',
  ],
  [
    { http: { host: '0.0.0.0' } },
    'http.token: expected a token, as http.host is not a loopback address, got nothing',
  ],
])('%j: %s', (input, problem) => {
  expect(problemsOf(input)).toEqual([problem]);
});

test.each([
  [{ memori: {} }, 'memori: unknown option; did you mean memory?'],
  [{ memory: { maxEntires: 5 } }, 'memory.maxEntires: unknown option; did you mean memory.maxEntries?'],
  [
    { memory: { size: 5 } },
    'memory.size: unknown option; expected one of maxEntries, maxBytes, foreignTtl, isolation',
  ],
  [{ lease: { zzzzzz: 5 } }, 'lease.zzzzzz: unknown option; expected only ttl'],
  [
    { redis: { host: 'h', pasword: 'hunter2' } },
    'redis.pasword: unknown option; did you mean redis.password?',
  ],
  [{ __proto__x: 1 }, expect.stringContaining('__proto__x: unknown option')],
])('an unknown option is named with the nearest that exists: %j', (input, problem) => {
  expect(problemsOf(input)).toEqual([problem]);
});

test('all problems are told at once, those between options too', () => {
  const problems = problemsOf({
    redis: { commandTimeout: 0 },
    ttl: -1,
    memory: { maxEntries: 0, x: 1 },
    http: { host: '0.0.0.0', port: -1 },
    breaker: { probe: { min: 5_000 } },
  });
  expect(problems.map((problem) => problem.split(':')[0])).toEqual(
    expect.arrayContaining([
      'redis',
      'redis.commandTimeout',
      'ttl',
      'memory.maxEntries',
      'memory.x',
      'http.port',
      'http.token',
      'breaker.probe.min',
    ]),
  );
  expect(problems).toHaveLength(8);
});

describe('the address of Redis', () => {
  test.each([
    'redis://localhost',
    'redis://',
    'redis://:password@host:6380/3',
    'rediss://user:p%40ss@host',
    'redis://[::1]:6379/0',
    'redis://host/',
    'unix:///run/redis.sock',
    'unix:///run/redis.sock?db=3',
  ])('%s is one', (url) => {
    expect(resolveOptions({ redis: { url } }).redis?.url).toBe(url);
  });

  test.each([
    ['localhost:6379', 'expected redis://'],
    ['http://localhost', 'expected redis://'],
    ['', 'expected redis://'],
    ['redis://host:99999', 'expected redis://'],
    ['redis://host/cache', 'expected the path of the URL to be the number of a database'],
    ['redis://host/1/2', 'expected the path of the URL to be the number of a database'],
    ['redis://host?db=1', 'expected a URL without a query'],
    ['redis://user:p%zz@host', 'whose % are followed by two hexadecimal digits'],
    ['redis://user:pa#ss@host', 'expected'],
    ['redis://host#x', 'without a fragment'],
    ['unix://run/redis.sock', 'followed by an absolute path'],
    ['unix:///run/redis.sock?password=x', 'no query but db'],
    ['unix:///run/redis.sock?db=x', 'no query but db'],
  ])('%j is none', (url, expected) => {
    const [problem] = problemsOf({ redis: { url } });
    expect(problem).toContain('redis.url: ');
    expect(problem).toContain(expected);
  });
});

describe('secrets stay out of what is said', () => {
  const secret = 'hunter2-hunter2';

  test.each([
    { redis: { url: `redis://user:${secret}@host/x` } },
    { redis: { url: `redis://${secret}@host:99999` } },
    { redis: { url: `http://user:${secret}@host` } },
    { redis: { url: `redis://:${secret}` } },
    { redis: { url: `//user:${secret}@host` } },
    { redis: { url: `redis://host?password=${secret}` } },
    { redis: { url: `redis://user:pa#${secret}@host` } },
    { redis: { url: `unix:///s?password=${secret}` } },
    { redis: { host: 'h', password: [secret] } },
    { redis: { host: 'h', passwd: secret } },
    { redis: { host: 'h', tls: secret } },
    { redis: { sentinel: { name: 'm', nodes: [], password: [secret] } } },
    { http: { token: [secret] } },
    { http: { token: secret.slice(0, 15) } },
    { tokn: secret },
  ])('%j', (input) => {
    const problems = problemsOf(input);
    expect(problems).not.toEqual([]);
    expect(problems.join('\n')).not.toContain(secret.slice(0, 7));
  });
});

test('whatever is given, it resolves or is INVALID_CONFIG', () => {
  const section = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()));
  const names = fc.constantFrom(...Object.keys(DEFAULTS), 'redis', 'x');
  fc.assert(
    fc.property(fc.dictionary(names, section), (input) => {
      problemsOf(input);
    }),
  );
});
