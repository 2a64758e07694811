import { afterAll, describe, expect, test } from 'vitest';
import { Cached, resultsOf } from '../../src/adapters/decorator.ts';
import { createUnderstudy, type Understudy } from '../../src/index.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';

const redis = new SuiteRedis();
const start = understudies();
const shared = await createUnderstudy();
afterAll(() => shared.stop());

/** What the methods did, so that a test sees which calls reached them. */
const done: string[] = [];
const since = (): string[] => done.splice(0);

class Catalog {
  readonly understudy: Understudy;
  readonly #tenant: string;

  constructor(understudy: Understudy, tenant = 'none') {
    this.understudy = understudy;
    this.#tenant = tenant;
  }

  get tenant(): string {
    return this.#tenant;
  }

  @Cached((catalog: Catalog) => catalog.understudy, { name: 'price' })
  async price(article: string, options: { currency?: string; day?: number } = {}): Promise<string> {
    done.push(`price of ${article} for ${this.#tenant}`);
    return `${this.#tenant}/${article}/${options.currency}`;
  }

  @Cached((catalog: Catalog) => catalog.understudy, {
    name: 'stock',
    scope: ({ tenant }: Catalog) => ({ tenant }),
  })
  async stock(article: string): Promise<string> {
    done.push(`stock of ${article} for ${this.#tenant}`);
    return `${this.#tenant}/${article}`;
  }

  @Cached((catalog: Catalog) => catalog.understudy, {
    name: 'offer',
    scope: ({ tenant }: Catalog) => tenant,
    key: (article: string) => article.toLowerCase(),
  })
  async offer(article: string, _seen: () => void): Promise<string> {
    done.push(`offer of ${article} for ${this.#tenant}`);
    return `${this.#tenant}/${article}`;
  }

  @Cached((catalog: Catalog) => catalog.understudy, {
    name: 'depot',
    key(this: Catalog, number: number) {
      return `${this.tenant}-${number}`;
    },
  })
  async depot(number: number): Promise<string> {
    done.push(`depot ${number} for ${this.#tenant}`);
    return `${this.#tenant}/${number}`;
  }

  @Cached(shared, { name: 'articles', ttl: '1m' })
  static async articles(kind: string): Promise<string[]> {
    done.push(`articles of ${Catalog.name}`);
    return [kind];
  }
}

class Outlet extends Catalog {
  override async price(article: string): Promise<string> {
    return `half of ${await super.price(article)}`;
  }
}

describe.each([
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
  ['with Redis out', () => ({ redis: { url: 'redis://127.0.0.1:1', connectTimeout: 50 } })],
] as const)('%s', (_name, options) => {
  test('the method runs once for equal arguments, as a method of its instance', async () => {
    const catalog = new Catalog(await start(options()), 'a');
    const calls = [
      catalog.price('tea', { currency: 'EUR', day: 1 }),
      catalog.price('tea', { day: 1, currency: 'EUR' }),
    ];
    expect(await Promise.all(calls)).toEqual(['a/tea/EUR', 'a/tea/EUR']);
    expect(await catalog.price('tea', { currency: 'USD' })).toBe('a/tea/USD');
    expect(since()).toEqual(['price of tea for a', 'price of tea for a']);
  });

  test('instances share, unless the scope or the key tells them apart', async () => {
    const understudy = await start(options());
    const [a, b, alsoA] = [
      new Catalog(understudy, 'a'),
      new Catalog(understudy, 'b'),
      new Catalog(understudy, 'a'),
    ];
    expect([await a.price('tea'), await b.price('tea')]).toEqual(['a/tea/undefined', 'a/tea/undefined']);
    expect([await a.stock('tea'), await b.stock('tea'), await alsoA.stock('tea')]).toEqual([
      'a/tea',
      'b/tea',
      'a/tea',
    ]);
    expect([await a.depot(1), await b.depot(1), await alsoA.depot(1)]).toEqual(['a/1', 'b/1', 'a/1']);
    const seen = (): void => {};
    expect([await a.offer('Tea', seen), await b.offer('tea', seen), await alsoA.offer('TEA', seen)]).toEqual([
      ...['a/Tea', 'b/tea', 'a/Tea'],
    ]);
    expect(since()).toEqual([
      'price of tea for a',
      ...['stock of tea for a', 'stock of tea for b'],
      ...['depot 1 for a', 'depot 1 for b'],
      ...['offer of Tea for a', 'offer of tea for b'],
    ]);
  });

  test('what an instance has cached can be forgotten and loaded anew', async () => {
    const understudy = await start(options());
    const [a, b] = [new Catalog(understudy, 'a'), new Catalog(understudy, 'b')];
    await Promise.all([a.stock('tea'), b.stock('tea')]);
    expect(await resultsOf(a, 'stock').invalidate('tea')).toBe(true);
    expect(await resultsOf(a, 'stock').invalidate('tea')).toBe(false);
    expect(since()).toHaveLength(2);
    await Promise.all([a.stock('tea'), b.stock('tea')]);
    expect(since()).toEqual(['stock of tea for a']);
    expect(await resultsOf(b, 'stock').refresh('tea')).toBe('b/tea');
    expect(since()).toEqual(['stock of tea for b']);
    expect(await understudy.cache.get(resultsOf(b, 'stock').key('tea'))).toBe('b/tea');
  });
});

test('each system has its own results', async () => {
  const [one, other] = [new Catalog(await start(), 'one'), new Catalog(await start(), 'other')];
  expect([await one.price('tea'), await other.price('tea')]).toEqual([
    'one/tea/undefined',
    'other/tea/undefined',
  ]);
  since();
});

test('static methods, and methods that are called from below', async () => {
  expect([await Catalog.articles('tea'), await Catalog.articles('tea')]).toEqual([['tea'], ['tea']]);
  const outlet = new Outlet(await start(), 'a');
  expect([await outlet.price('tea'), await outlet.price('tea')]).toEqual([
    'half of a/tea/undefined',
    'half of a/tea/undefined',
  ]);
  expect(since()).toEqual(['articles of Catalog', 'price of tea for a']);
});

test('a decorated method keeps its name and how many parameters it has', () => {
  expect(Catalog.prototype.stock).toHaveProperty('name', 'stock');
  expect(Catalog.prototype.depot).toHaveLength(1);
});

test('what cannot be told apart is refused', async () => {
  const catalog = new Catalog(await start(), 'a');
  // @ts-expect-error A function has no content.
  const refused = expect(catalog.stock(() => 'tea')).rejects;
  await refused.toMatchObject({ code: 'INVALID_KEY', message: expect.stringContaining('arguments[0]') });
  class Odd {
    @Cached(shared, { name: 'odd', scope: (odd: Odd) => odd })
    async method(): Promise<number> {
      return 1;
    }
  }
  await expect(new Odd().method()).rejects.toMatchObject({
    code: 'INVALID_KEY',
    message: expect.stringContaining('scope: expected data'),
  });
});

test.each<[string, object, string]>([
  ['no name', {}, 'name: expected 1 to 128 characters'],
  ['a misspelt option', { name: 'a', scop: () => 1 }, 'scop: unknown option'],
  ['a scope that is no function', { name: 'a', scope: 'tenant' }, 'scope: expected a function'],
])('%s is refused when the class is defined', (_what, options, message) => {
  // @ts-expect-error These are not all options.
  expect(() => Cached(shared, options)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(message) }),
  );
});

test('legacy decorators, and methods that are not decorated, are told of', () => {
  const legacy: unknown = Cached(shared, { name: 'a' });
  if (typeof legacy !== 'function') throw new Error('It is a function');
  const target = new Catalog(shared);
  expect(() => legacy(target, 'tenant', {})).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  class Plain {
    async method(): Promise<number> {
      return 1;
    }
  }
  expect(() => resultsOf(new Plain(), 'method')).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('got method') }),
  );
});
