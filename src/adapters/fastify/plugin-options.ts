import { type Clock, systemClock } from '../../runtime/clock.ts';
import { UnderstudyError } from '../../runtime/errors.ts';
import { checkNames } from '../../system/call-options.ts';
import type { Understudy } from '../../system/understudy.ts';

/** Options of the route cache. */
export interface RouteCacheOptions {
  readonly understudy: Pick<Understudy, 'ask' | 'cache'>;
  /** Begins the key of every reply: 1 to 64 characters. Default: `'route:'`. */
  readonly keyPrefix?: string;
  /** Bytes of a body, above which a reply is passed through. Default: 1 MiB. */
  readonly maxBody?: number;
  /** Default: real time. */
  readonly clock?: Pick<Clock, 'now'>;
}

const KNOWN: readonly string[] = ['understudy', 'keyPrefix', 'maxBody', 'clock'];

/** With it, what can be purged by, and a hash, a key is no longer than it may be. */
const MAX_PREFIX = 64;

/** Throws INVALID_OPTION. */
export function resolvePlugin(options: RouteCacheOptions): Required<RouteCacheOptions> {
  checkNames(options, KNOWN);
  const { understudy, keyPrefix = 'route:', maxBody = 1_048_576, clock = systemClock } = options;
  if (
    typeof keyPrefix !== 'string' ||
    keyPrefix === '' ||
    keyPrefix.length > MAX_PREFIX ||
    !keyPrefix.isWellFormed()
  )
    throw new UnderstudyError('INVALID_OPTION', `keyPrefix: expected text of 1 to ${MAX_PREFIX} characters`);
  if (!Number.isSafeInteger(maxBody) || maxBody < 0)
    throw new UnderstudyError(
      'INVALID_OPTION',
      `maxBody: expected bytes, a whole number from 0, got ${typeof maxBody === 'number' ? maxBody : `a ${typeof maxBody}`}`,
    );
  return { understudy, keyPrefix, maxBody, clock };
}
