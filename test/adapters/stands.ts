import { onTestFinished } from 'vitest';
import { createUnderstudy, type HostOptions, type OptionsInput, type Understudy } from '../../src/index.ts';
import { SuiteRedis } from '../cache/systems.ts';

interface Stand {
  readonly on: string;
  /** An Understudy that is stopped after the test. */
  readonly start: (options?: OptionsInput) => Promise<Understudy>;
}

/** What every adapter has to stand on: memory alone, and a Redis of the file's own. */
export function stands(): readonly Stand[] {
  const redis = new SuiteRedis();
  return [
    { on: 'memory alone', start: (options) => started({ ...options }) },
    { on: 'Redis', start: (options) => started({ ...redis.options, ...options }) },
  ];
}

export async function started(options: OptionsInput & HostOptions<readonly []>): Promise<Understudy> {
  const understudy = await createUnderstudy(options);
  onTestFinished(() => understudy.stop());
  return understudy;
}
