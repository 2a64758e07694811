import { describe, expect, test } from 'vitest';
import { fromEnvironment } from '../../src/config/environment.ts';
import { resolveOptions } from '../../src/config/resolve.ts';
import { showOptions } from '../../src/config/show.ts';
import { isUnderstudyError } from '../../src/runtime/errors.ts';

const secret = 'hunter2-hunter2-hunter2-hunter2-hunter2';
const keys = [{ id: 'k1', secret }];

function problemsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (!isUnderstudyError(error, 'INVALID_CONFIG')) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^- /, ''));
  }
  return [];
}

const resolving = (input: unknown): string[] =>
  problemsOf(() => Reflect.apply(resolveOptions, undefined, [input]));

test('by default values are plain JSON, neither compressed nor sealed', () => {
  expect(resolveOptions({})).toMatchObject({
    codec: 'json',
    compression: { algorithm: 'none', threshold: 1_024, offload: 32_768 },
    seal: { mode: 'none', keys: [] },
  });
});

test.each([
  [{ codec: 'pickle' }, 'codec: expected one of json, msgpack, structured, raw, got "pickle"'],
  [{ compression: 'zstd' }, 'compression: expected an object, got "zstd"'],
  [
    { compression: { algorithm: 'gzip', level: 10 } },
    'compression.level: expected at most 22 for zstd, 9 for gzip, 11 for brotli, got 10',
  ],
  [{ seal: { mode: 'encrypt' } }, 'seal.keys: expected at least one, of which the first seals, got nothing'],
  [
    { seal: { mode: 'sign', keys: [{ id: 'k1', secret: 'too short' }] } },
    'seal.keys.0.secret: expected a text of at least 32 characters, got "***"',
  ],
  [
    { seal: { mode: 'sign', keys: [{ id: 'a b', secret }] } },
    'seal.keys.0.id: expected 1 to 64 letters, digits, dots, dashes or underscores, got "***"',
  ],
  [{ seal: { mode: 'sign', keys: [...keys, ...keys] } }, 'seal.keys: expected ids that differ'],
  [
    { namespaces: { users: { seal: { mode: 'encrypt' } } } },
    'namespaces.users.seal.keys: expected keys here, or in seal.keys, got nothing',
  ],
  [
    { namespaces: { users: { codec: 'pickle' } } },
    'namespaces.users.codec: expected one of json, msgpack, structured, raw, got "pickle"',
  ],
])('%j: %s', (input, problem) => {
  expect(resolving(input)).toEqual([problem]);
});

test('a namespace may seal with the keys of all, or its own', () => {
  const sealed = { mode: 'encrypt' as const };
  expect(resolving({ seal: { keys }, namespaces: { users: { seal: sealed } } })).toEqual([]);
  expect(resolving({ namespaces: { users: { seal: { ...sealed, keys } } } })).toEqual([]);
});

test('keys stand in a variable', () => {
  const env = { UNDERSTUDY_SEAL_MODE: 'encrypt', UNDERSTUDY_SEAL_KEYS: `k2:${secret}:=,k1:${secret}` };
  expect(fromEnvironment(env).seal).toEqual({
    mode: 'encrypt',
    keys: [
      { id: 'k2', secret: `${secret}:=` },
      { id: 'k1', secret },
    ],
  });
});

describe('secrets stay out of what is said', () => {
  test.each([
    { seal: secret },
    { seal: [secret] },
    { seal: { mode: secret, keys: secret } },
    { seal: { mode: 'encrypt', keys: [secret] } },
    { seal: { mode: 'encrypt', keys: [{ id: secret.repeat(3), secret: secret.slice(0, 20) }] } },
    { seal: { mode: 'encrypt', keys: [{ id: 'k1', secret: { deep: secret } }] } },
    { seal: { mode: 'encrypt', keys: [{ id: 'k1', secert: secret }] } },
    { namespaces: secret },
    { namespaces: { users: { seal: secret } } },
    { namespaces: { users: { seal: { mode: 'encrypt', keys: [{ id: 'k1', secret: [secret] }] } } } },
  ])('%j', (input) => {
    const problems = resolving(input);
    expect(problems).not.toEqual([]);
    expect(problems.join('\n')).not.toContain(secret.slice(0, 7));
  });

  test.each([
    { UNDERSTUDY_SEAL_KEYS: secret.slice(0, 20) },
    { UNDERSTUDY_SEAL_KEYS: `:${secret}` },
    { UNDERSTUDY_SEAL_KEY: `k1:${secret}` },
    {
      UNDERSTUDY_NAMESPACES: `{"users":{"seal":{"mode":"encrypt","keys":[{"id":"k1","secret":"${secret}"}]}}`,
    },
  ])('%j', (env) => {
    const problems = problemsOf(() => fromEnvironment(env));
    expect(problems).not.toEqual([]);
    expect(problems.join('\n')).not.toContain(secret.slice(0, 7));
  });

  test('nor are they shown', () => {
    const shown = showOptions(
      resolveOptions({
        seal: { mode: 'encrypt', keys },
        namespaces: { users: { ttl: '5m', seal: { mode: 'sign', keys } } },
      }),
    );
    expect(JSON.parse(shown)).toMatchObject({
      seal: { mode: 'encrypt', keys: '***' },
      namespaces: { users: { ttl: 300_000, seal: '***' } },
    });
    expect(shown).not.toContain(secret);
  });
});
