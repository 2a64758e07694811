import { expectTypeOf, test } from 'vitest';
import {
  type Clock,
  createUnderstudy,
  type ErrorCode,
  isUnderstudyError,
  type Logger,
  type Options,
  type OptionsInput,
  type Ttl,
  UnderstudyError,
} from '../../src/index.ts';

declare const clock: Clock;
declare const logger: Logger;

test('every option may be left out, and those that are given are checked', () => {
  expectTypeOf<object>().toExtend<OptionsInput>();
  expectTypeOf(createUnderstudy).toBeCallableWith();
  void createUnderstudy({
    redis: { url: 'redis://127.0.0.1', tls: true, database: 1 },
    memory: { maxEntries: 10, maxBytes: 1_000, isolation: 'shared' },
    ttl: '1h',
    deadline: 500,
    breaker: { failures: 5, probe: { min: 50 } },
    supervisor: { strategy: 'rest-for-one' },
    clock,
    logger,
  });
  // @ts-expect-error A misspelt option.
  void createUnderstudy({ memroy: { maxEntries: 10 } });
  // @ts-expect-error A misspelt option of an option.
  void createUnderstudy({ memory: { maxEntires: 10 } });
  // @ts-expect-error A number is a number.
  void createUnderstudy({ memory: { maxEntries: '10' } });
  // @ts-expect-error There is no such strategy.
  void createUnderstudy({ supervisor: { strategy: 'all-for-one' } });
});

test('what is resolved has every default filled in and every TTL in milliseconds', () => {
  expectTypeOf<Options['ttl']>().toEqualTypeOf<number>();
  expectTypeOf<Options['memory']['maxEntries']>().toEqualTypeOf<number>();
  expectTypeOf<OptionsInput['ttl']>().toEqualTypeOf<Ttl | undefined>();
});

test('an error is known by its code', () => {
  const error: unknown = new UnderstudyError('INVALID_KEY', 'no key');
  if (isUnderstudyError(error)) {
    expectTypeOf(error).toEqualTypeOf<UnderstudyError>();
    expectTypeOf(error.code).toEqualTypeOf<ErrorCode>();
    expectTypeOf(error.retryable).toEqualTypeOf<boolean>();
  }
  // @ts-expect-error There is no such code.
  void new UnderstudyError('NO_SUCH_CODE', 'what?');
  // @ts-expect-error Nor this one.
  isUnderstudyError(error, 'NO_SUCH_CODE');
});
