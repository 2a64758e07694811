import type { Cache, ErrorCode } from '../../src/index.ts';

const cycle: { self?: object } = {};
cycle.self = cycle;

const BAD_KEYS: [string, unknown][] = [
  ['an empty key', ''],
  ['a key of 1025 bytes', `${'é'.repeat(512)}a`],
  ['a key with a lone surrogate', 'a\ud83d'],
  ['a number for a key', 42],
  ['null for a key', null],
  ['no key', undefined],
  ['an object for a key', { toString: () => 'a' }],
];

const BAD_VALUES: [string, unknown][] = [
  ['undefined', undefined],
  ['a function', () => 1],
  ['a symbol', Symbol('s')],
  ['a function in a Set', new Set([() => 1])],
  ['a cycle', cycle],
  ['an object that turns into nothing', { toJSON: () => undefined }],
  ['a value larger than allowed', 'x'.repeat(70_000)],
];

const BAD_TTLS: [string, unknown][] = [
  ['a negative ttl', -1],
  ['a ttl of 0', 0],
  ['NaN for a ttl', Number.NaN],
  ['an infinite ttl', Number.POSITIVE_INFINITY],
  ['a fraction of a millisecond', 1.5],
  ['a ttl of eleven years', '4015d'],
  ['words for a ttl', 'tomorrow'],
  ['an object for a ttl', {}],
  ['null for a ttl', null],
];

const BAD_OPTIONS: [string, unknown][] = [
  ['an unknown option', { tll: 1_000 }],
  ['a deadline of 0', { deadline: 0 }],
  ['a negative deadline', { deadline: -5 }],
  ['NaN for a deadline', { deadline: Number.NaN }],
  ['words for a deadline', { deadline: '1s' }],
  ['words for options', 'ttl'],
  ['null for options', null],
];

/** A call that the compiler would refuse too. */
export type Loose = Record<keyof Cache, (...given: unknown[]) => Promise<unknown>>;
export type Call = readonly [name: string, call: (cache: Loose) => Promise<unknown>, code: ErrorCode];

/** Every call of the facade with every kind of bad input, and the error it is to be refused with. */
export function badCalls(): Call[] {
  const calls: Call[] = [];
  for (const [name, key] of BAD_KEYS) {
    calls.push(
      [`get: ${name}`, (cache) => cache.get(key), 'INVALID_KEY'],
      [`find: ${name}`, (cache) => cache.find(key), 'INVALID_KEY'],
      [`has: ${name}`, (cache) => cache.has(key), 'INVALID_KEY'],
      [`getMany: ${name}`, (cache) => cache.getMany(['good', key]), 'INVALID_KEY'],
      [`set: ${name}`, (cache) => cache.set(key, 1), 'INVALID_KEY'],
      [
        `setMany: ${name}`,
        (cache) =>
          cache.setMany([
            ['good', 2],
            [key, 1],
          ]),
        'INVALID_KEY',
      ],
      [`setMany with an entry: ${name}`, (cache) => cache.setMany([{ key, value: 1 }]), 'INVALID_KEY'],
      [`delete: ${name}`, (cache) => cache.delete(key), 'INVALID_KEY'],
      [`deleteMany: ${name}`, (cache) => cache.deleteMany(['good', key]), 'INVALID_KEY'],
      [`touch: ${name}`, (cache) => cache.touch(key, '1m'), 'INVALID_KEY'],
      [`increment: ${name}`, (cache) => cache.increment(key), 'INVALID_KEY'],
      [`getOrSet: ${name}`, (cache) => cache.getOrSet(key, () => 1), 'INVALID_KEY'],
    );
    if (key === undefined || key === '') continue;
    calls.push(
      [`clear: ${name}`, (cache) => cache.clear(key), 'INVALID_KEY'],
      [`keys: ${name}`, (cache) => cache.keys(key), 'INVALID_KEY'],
    );
  }
  for (const [name, value] of BAD_VALUES) {
    calls.push(
      [`set: ${name}`, (cache) => cache.set('good', value), 'INVALID_VALUE'],
      [
        `setMany: ${name}`,
        (cache) =>
          cache.setMany([
            ['good', 2],
            ['bad', value],
          ]),
        'INVALID_VALUE',
      ],
    );
  }
  for (const [name, by] of [
    ['a fraction', 0.5],
    ['words', '1'],
    ['NaN', Number.NaN],
    ['null', null],
  ] as const)
    calls.push([`increment: by ${name}`, (cache) => cache.increment('good', by), 'INVALID_VALUE']);
  for (const [name, ttl] of BAD_TTLS) {
    calls.push(
      [`set: ${name}`, (cache) => cache.set('good', 2, { ttl }), 'INVALID_TTL'],
      [`setMany: ${name}`, (cache) => cache.setMany([['good', 2]], { ttl }), 'INVALID_TTL'],
      [
        `setMany with an entry: ${name}`,
        (cache) => cache.setMany([{ key: 'good', value: 2, ttl }]),
        'INVALID_TTL',
      ],
      [`touch: ${name}`, (cache) => cache.touch('good', ttl), 'INVALID_TTL'],
      [`increment: ${name}`, (cache) => cache.increment('good', 1, { ttl }), 'INVALID_TTL'],
      [`getOrSet: ${name}`, (cache) => cache.getOrSet('other', () => 1, { ttl }), 'INVALID_TTL'],
    );
  }
  for (const [name, options] of BAD_OPTIONS) {
    calls.push(
      [`get: ${name}`, (cache) => cache.get('good', options), 'INVALID_OPTION'],
      [`set: ${name}`, (cache) => cache.set('good', 2, options), 'INVALID_OPTION'],
      [`setMany: ${name}`, (cache) => cache.setMany([['good', 2]], options), 'INVALID_OPTION'],
      [`delete: ${name}`, (cache) => cache.delete('good', options), 'INVALID_OPTION'],
      [`clear: ${name}`, (cache) => cache.clear('', options), 'INVALID_OPTION'],
      [`keys: ${name}`, (cache) => cache.keys('', options), 'INVALID_OPTION'],
      [`getOrSet: ${name}`, (cache) => cache.getOrSet('other', () => 1, options), 'INVALID_OPTION'],
    );
  }
  calls.push(
    ['getMany: no list', (cache) => cache.getMany('good'), 'INVALID_MESSAGE'],
    ['getMany: nothing', (cache) => cache.getMany(), 'INVALID_MESSAGE'],
    ['deleteMany: no list', (cache) => cache.deleteMany('good'), 'INVALID_MESSAGE'],
    ['setMany: nothing', (cache) => cache.setMany(), 'INVALID_MESSAGE'],
    ['setMany: null', (cache) => cache.setMany(null), 'INVALID_MESSAGE'],
    ['setMany: an object', (cache) => cache.setMany({ good: 2 }), 'INVALID_MESSAGE'],
    ['setMany: text', (cache) => cache.setMany('good'), 'INVALID_MESSAGE'],
    ['setMany: a list of text', (cache) => cache.setMany(['good']), 'INVALID_MESSAGE'],
    ['setMany: a list with a hole', (cache) => cache.setMany([['good', 2], null]), 'INVALID_MESSAGE'],
    ['setMany: an entry without a key', (cache) => cache.setMany([{ value: 2 }]), 'INVALID_MESSAGE'],
    [
      'setMany: a misspelt ttl',
      (cache) => cache.setMany([{ key: 'good', value: 2, tll: 1 }]),
      'INVALID_OPTION',
    ],
    ['getOrSet: no loader', (cache) => cache.getOrSet('other'), 'INVALID_OPTION'],
    ['getOrSet: a value for a loader', (cache) => cache.getOrSet('other', 1), 'INVALID_OPTION'],
    [
      'getOrSet: no signal',
      (cache) => cache.getOrSet('other', () => 1, { signal: 'abort' }),
      'INVALID_OPTION',
    ],
  );
  return calls;
}
