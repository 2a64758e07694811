import { describe, expectTypeOf, test } from 'vitest';
import { cached } from '../../src/adapters/cached.ts';
import type { Understudy } from '../../src/index.ts';

interface User {
  readonly id: string;
}
interface Tables {
  readonly users: User;
  readonly counts: number;
}

declare const understudy: Understudy;

describe('the types of the function are kept', () => {
  test('parameters, optional ones and rests, and the result', () => {
    const fn = async (id: string, fields?: readonly string[], ...more: number[]): Promise<User> => ({
      id: `${id}${fields}${more}`,
    });
    const find = cached(understudy, fn, { name: 'find' });
    expectTypeOf(find).toExtend<typeof fn>();
    expectTypeOf(find).parameters.toEqualTypeOf<Parameters<typeof fn>>();
    expectTypeOf(find('a')).resolves.toEqualTypeOf<User>();
    expectTypeOf(find.refresh('a', ['b'], 1)).resolves.toEqualTypeOf<User>();
    expectTypeOf(find.invalidate('a')).resolves.toEqualTypeOf<boolean>();
    expectTypeOf(find.key('a')).toEqualTypeOf<string>();
    // @ts-expect-error It takes text.
    void find(1);
    // @ts-expect-error So does what is done with its results.
    void find.invalidate(1);
  });

  test('type parameters and overloads', () => {
    const read = cached(
      understudy,
      async <K extends keyof Tables>(table: K): Promise<Tables[K]> => read(table),
      {
        name: 'read',
      },
    );
    expectTypeOf(read('users')).resolves.toEqualTypeOf<User>();
    expectTypeOf(read('counts')).resolves.toEqualTypeOf<number>();
  });

  test('this', () => {
    class Service {
      readonly base = 1;
    }
    const add = cached(
      understudy,
      async function (this: Service, by: number) {
        return this.base + by;
      },
      { name: 'add' },
    );
    expectTypeOf(add.call(new Service(), 1)).resolves.toEqualTypeOf<number>();
    // @ts-expect-error It is a method of Service.
    void add(1);
  });
});

test('the key is made of the parameters of the function', () => {
  const fn = async (id: string, at: number) => `${id}${at}`;
  cached(understudy, fn, {
    name: 'a',
    key: (id, at) => {
      expectTypeOf(id).toEqualTypeOf<string>();
      expectTypeOf(at).toEqualTypeOf<number>();
      return id;
    },
  });
  // @ts-expect-error A key is text.
  cached(understudy, fn, { name: 'a', key: (_id, at) => at });
});

test('only functions that return promises can be cached, and each has a name', () => {
  // @ts-expect-error It returns no promise.
  cached(understudy, (id: string) => id, { name: 'a' });
  // @ts-expect-error Its results could be taken for those of another.
  cached(understudy, async (id: string) => id, {});
});
