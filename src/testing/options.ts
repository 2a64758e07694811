import { invalidConfig } from '../config/resolve.ts';
import type { OptionsInput } from '../config/schema.ts';
import type { ActorSpec } from '../system/define-actor.ts';
import type { Declared } from '../system/namespace.ts';
import type { SystemInput } from '../system.ts';

type RedisInput = NonNullable<OptionsInput['redis']>;

/** What can be said of the simulated Redis: how long it is waited for, and what it remembers. Same defaults as of a real one. */
export type TestRedisOptions = Pick<
  RedisInput,
  'connectTimeout' | 'commandTimeout' | 'tombstoneTtl' | 'receiptTtl'
>;

/** What can be configured and given, but for what would need the world outside. */
export type TestUnderstudyOptions<A extends readonly ActorSpec[], N extends Declared = Declared> = Omit<
  SystemInput<A, N>,
  'redis' | 'durable' | 'http' | 'clock'
> & {
  /** `false`: a system without Redis, on memory alone. */
  readonly redis?: TestRedisOptions | false;
};

const REDIS: readonly string[] = [
  'connectTimeout',
  'commandTimeout',
  'tombstoneTtl',
  'receiptTtl',
] satisfies (keyof TestRedisOptions)[];
const OUTSIDE: readonly string[] = ['durable', 'http', 'clock'];

/** The options of a whole system, with a Redis that does not exist. Throws INVALID_CONFIG for what a kit cannot have. */
export function systemOptions<const A extends readonly ActorSpec[], const N extends Declared>({
  redis = {},
  ...rest
}: TestUnderstudyOptions<A, N>): SystemInput<A, N> {
  const problems = [
    ...Object.keys(rest)
      .filter((name) => OUTSIDE.includes(name))
      .map((name) => `${name}: expected none, as a system under test has no world outside`),
    ...Object.keys(redis || {})
      .filter((name) => !REDIS.includes(name))
      .map((name) => `redis.${name}: expected one of ${REDIS.join(', ')}, as this Redis is simulated`),
  ];
  if (problems.length > 0) throw invalidConfig(problems);
  return redis === false ? rest : { ...rest, redis: { ...redis, host: 'simulated' } };
}
