import type { StaleUse } from '../../actors/cache/messages.ts';
import { UnderstudyError } from '../runtime/errors.ts';
import { checkedTags } from '../wire/tags.ts';
import { type Ttl, ttlMilliseconds } from '../wire/ttl.ts';
import { checkOptions } from './call-options.ts';

/** Options of `getOrSet`. Times are milliseconds or strings like `'5m'`. */
export interface LoadOptions {
  /** How long the loaded value lives. Default: the `ttl` of the namespace or of the system, one hour. */
  readonly ttl?: Ttl;
  /** Milliseconds this caller waits, also for a load that another one runs. Default: until the load has ended. */
  readonly deadline?: number;
  /** Lets this caller give up, with ABORTED. The load goes on for the others. */
  readonly signal?: AbortSignal;
  /**
   * How long the value is kept after its `ttl`, to be answered when a load fails or takes too long: what is answered then is
   * stale. Default: the `grace` of the namespace, or not at all.
   */
  readonly grace?: Ttl;
  /** How long nobody in this process loads again after a load failed, if there is something stale to answer. Default: 10 s. */
  readonly backoff?: Ttl;
  /** Answers what is stale at once, and loads in the background. Needs `grace`. Default: false. */
  readonly staleWhileRevalidate?: boolean;
  /** After this long what is stale is answered, if there is something, and the load goes on. Needs `grace`. Default: never. */
  readonly softTimeout?: Ttl;
  /**
   * After this long the load has failed with DEADLINE_EXCEEDED, and the loader's `signal` is aborted: who waits is answered what
   * is stale, or that error. Default: never.
   */
  readonly hardTimeout?: Ttl;
  /** Loads in the background once this part of the lifetime has passed, between 0 and 1. Default: not before its end. */
  readonly refreshAhead?: number;
  /**
   * Loads in the background at random, the likelier the nearer the end and the longer loads take, so that no two processes
   * do at the same time: XFetch (Vattani, Chierichetti and Lowenstein, VLDB 2015). A number is its beta; true is 1, more
   * loads earlier. Default: false.
   */
  readonly xfetch?: boolean | number;
  /** Shortens each `ttl` at random by up to this, so that what was loaded together does not end together. Default: 0. */
  readonly jitter?: Ttl;
  /** Each hit gives the value its `ttl` again, until it is `max` old. Default: the `ttl` counts from the load. */
  readonly sliding?: { readonly max: Ttl };
  /** By which the loaded value can be invalidated together with others: at most 64 texts of at most 256 characters. Default: none. */
  readonly tags?: readonly string[];
  /** How long it is remembered that there is none, when the loader returns `undefined`. Default: not at all. */
  readonly negativeTtl?: Ttl;
}

/** What the options of one call come to. Milliseconds. */
export interface LoadPlan {
  readonly ttl: number | undefined;
  readonly grace: number | undefined;
  readonly stale: StaleUse;
  readonly backoff: number;
  readonly softTimeout: number | undefined;
  readonly hardTimeout: number | undefined;
  readonly refreshAhead: number | undefined;
  readonly beta: number | undefined;
  readonly jitter: number;
  readonly slidingMax: number | undefined;
  readonly negativeTtl: number | undefined;
  readonly tags: readonly string[] | undefined;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

const KNOWN = {
  ttl: true,
  deadline: true,
  signal: true,
  grace: true,
  backoff: true,
  staleWhileRevalidate: true,
  softTimeout: true,
  hardTimeout: true,
  refreshAhead: true,
  xfetch: true,
  jitter: true,
  sliding: true,
  negativeTtl: true,
  tags: true,
} satisfies Record<keyof LoadOptions, true>;
const NAMES: readonly string[] = Object.keys(KNOWN);

const BACKOFF = 10_000;

/** What a call without options comes to. */
const PLAIN: LoadPlan = {
  ttl: undefined,
  grace: undefined,
  stale: 'never',
  backoff: BACKOFF,
  softTimeout: undefined,
  hardTimeout: undefined,
  refreshAhead: undefined,
  beta: undefined,
  jitter: 0,
  slidingMax: undefined,
  negativeTtl: undefined,
  tags: undefined,
  deadline: Infinity,
  signal: undefined,
};

const NONE: LoadOptions = {};

/** `common`: the grace where the options give none. Throws INVALID_OPTION, INVALID_TTL, and ABORTED for a signal that is aborted already. */
export function planOf(given: LoadOptions | undefined, common?: number): LoadPlan {
  if (given === undefined && common === undefined) return PLAIN;
  const options = given === undefined ? NONE : given;
  checkOptions(options, NAMES);
  const { signal, staleWhileRevalidate = false, refreshAhead, sliding, deadline = Infinity } = options;
  checkSignal(signal);
  const grace = milliseconds('grace', options.grace) ?? common;
  const softTimeout = milliseconds('softTimeout', options.softTimeout);
  const ttl = milliseconds('ttl', options.ttl);
  const jitter = milliseconds('jitter', options.jitter) ?? 0;
  if (typeof staleWhileRevalidate !== 'boolean')
    throw invalid('staleWhileRevalidate', 'true or false', staleWhileRevalidate);
  for (const [name, wanted] of Object.entries({ staleWhileRevalidate, softTimeout })) {
    if (wanted && grace === undefined)
      throw new UnderstudyError(
        'INVALID_OPTION',
        `${name}: expected a grace beside it, as only then anything is stale`,
      );
  }
  if (refreshAhead !== undefined && !(refreshAhead > 0 && refreshAhead < 1))
    throw invalid('refreshAhead', 'a number between 0 and 1', refreshAhead);
  return {
    ttl,
    grace,
    stale: grace === undefined ? 'never' : staleWhileRevalidate ? 'now' : 'fallback',
    backoff: milliseconds('backoff', options.backoff) ?? BACKOFF,
    softTimeout,
    hardTimeout: milliseconds('hardTimeout', options.hardTimeout),
    refreshAhead,
    beta: betaOf(options.xfetch),
    jitter,
    slidingMax: slidingMaxOf(sliding),
    negativeTtl: milliseconds('negativeTtl', options.negativeTtl),
    tags: options.tags === undefined ? undefined : checkedTags(options.tags),
    deadline,
    signal,
  };
}

function betaOf(xfetch: LoadOptions['xfetch']): number | undefined {
  if (xfetch === undefined || xfetch === false) return undefined;
  if (xfetch === true) return 1;
  if (Number.isFinite(xfetch) && xfetch > 0) return xfetch;
  throw invalid('xfetch', 'true, false or a number above 0', xfetch);
}

function slidingMaxOf(sliding: LoadOptions['sliding']): number | undefined {
  if (sliding === undefined) return undefined;
  if (typeof sliding !== 'object' || sliding === null || sliding.max === undefined)
    throw invalid('sliding', 'an object with its max', sliding);
  return milliseconds('sliding.max', sliding.max);
}

function milliseconds(name: string, ttl: Ttl | undefined): number | undefined {
  return ttl === undefined ? undefined : ttlMilliseconds(ttl, name);
}

function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  if (!(signal instanceof AbortSignal)) throw invalid('signal', 'an AbortSignal', signal);
  if (!signal.aborted) return;
  throw new UnderstudyError('ABORTED', 'getOrSet: the caller had given up before', { cause: signal.reason });
}

function invalid(name: string, expected: string, given: unknown): UnderstudyError {
  const shown = typeof given === 'number' ? given : typeof given;
  return new UnderstudyError('INVALID_OPTION', `${name}: expected ${expected}, got ${shown}`);
}
