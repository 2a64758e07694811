import { expectTypeOf, test } from 'vitest';
import { Cached, resultsOf } from '../../src/adapters/decorator.ts';
import type { Understudy } from '../../src/index.ts';

declare const understudy: Understudy;

class Catalog {
  readonly tenant = 'a';
  readonly understudy = understudy;

  @Cached(understudy, { name: 'price' })
  async price(article: string, _currency?: string): Promise<number> {
    return article.length;
  }

  @Cached((catalog: Catalog) => catalog.understudy, {
    name: 'stock',
    key: (article: string) => article,
    scope: (catalog: Catalog) => catalog.tenant,
  })
  async stock(article: string, _depot: number): Promise<{ readonly amount: number }> {
    return { amount: article.length };
  }

  @Cached(understudy, { name: 'all' })
  static async all(): Promise<string[]> {
    return [];
  }

  // @ts-expect-error It returns no promise.
  @Cached(understudy, { name: 'now' })
  now(): number {
    return 1;
  }

  // @ts-expect-error The key is made of text, and the method takes a number.
  @Cached(understudy, { name: 'page', key: (article: string) => article })
  async page(number: number): Promise<number> {
    return number;
  }

  // @ts-expect-error The scope is that of another class.
  @Cached(understudy, { name: 'other', scope: (other: { readonly region: string }) => other.region })
  async other(): Promise<number> {
    return 1;
  }

  // @ts-expect-error It decorates methods.
  @Cached(understudy, { name: 'field' })
  field = async () => 1;
}

test('a decorated method keeps its type', () => {
  const catalog = new Catalog();
  expectTypeOf(catalog.price).toEqualTypeOf<(article: string, currency?: string) => Promise<number>>();
  expectTypeOf(catalog.stock('a', 1)).resolves.toEqualTypeOf<{ readonly amount: number }>();
  expectTypeOf(Catalog.all()).resolves.toEqualTypeOf<string[]>();
});

test('its cached results have its parameters and its result', () => {
  const catalog = new Catalog();
  expectTypeOf(resultsOf(catalog, 'price').refresh('a')).resolves.toEqualTypeOf<number>();
  expectTypeOf(resultsOf(catalog, 'stock').invalidate('a', 1)).resolves.toEqualTypeOf<boolean>();
  expectTypeOf(resultsOf(Catalog, 'all').key()).toEqualTypeOf<string>();
  // @ts-expect-error It takes text.
  void resultsOf(catalog, 'price').invalidate(1);
  // @ts-expect-error It is no method that returns a promise.
  void resultsOf(catalog, 'now');
});
