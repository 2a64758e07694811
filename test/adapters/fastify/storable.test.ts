import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/adapters/fastify/storable.ts';

const NOW = Date.parse('2026-07-15T12:00:00Z');
const MINUTE = 60_000;

/** The verdict on a reply to a route whose replies live for a minute. */
function verdict(headers: Record<string, string | string[]> = {}, more: object = {}): unknown {
  const candidate = { status: 200, headers, vary: [], authorized: false, ...more };
  return judge(candidate, { ttl: MINUTE, vary: ['accept-language'] }, NOW);
}

describe('how long a reply lives', () => {
  test.each<[string, Record<string, string>, number]>([
    ['as long as the route says', {}, MINUTE],
    ['as max-age says', { 'cache-control': 'max-age=5' }, 5_000],
    ['as s-maxage says, which is for shared caches', { 'cache-control': 'max-age=5, s-maxage=7' }, 7_000],
    ['as a quoted max-age says', { 'cache-control': 'Public, Max-Age="5"' }, 5_000],
    ['longer than the route says, if it says so', { 'cache-control': 'max-age=3600' }, 3_600_000],
    ['until Expires', { expires: new Date(NOW + 9_000).toUTCString() }, 9_000],
    [
      'from Date until Expires',
      { date: new Date(NOW - 1_000).toUTCString(), expires: new Date(NOW + 9_000).toUTCString() },
      10_000,
    ],
    ['as max-age says rather than Expires', { 'cache-control': 'max-age=5', expires: '0' }, 5_000],
    ['less by the age that it has already', { 'cache-control': 'max-age=5', age: '2' }, 3_000],
    ['no longer than anything can', { 'cache-control': `max-age=${'9'.repeat(15)}` }, 3_650 * 86_400_000],
  ])('%s', (_what, headers, ttl) => {
    expect(verdict(headers)).toEqual({ ttl });
  });

  test.each<[string, Record<string, string>]>([
    ['max-age is 0', { 'cache-control': 'max-age=0' }],
    ['s-maxage is 0', { 'cache-control': 's-maxage=0, max-age=60' }],
    ['max-age is no number', { 'cache-control': 'max-age=soon' }],
    ['max-age is negative', { 'cache-control': 'max-age=-1' }],
    ['Expires has passed', { expires: new Date(NOW - 1).toUTCString() }],
    ['Expires is no date', { expires: 'never' }],
    ['it is as old as it may become', { 'cache-control': 'max-age=5', age: '5' }],
  ])('not at all when %s', (_what, headers) => {
    expect(verdict(headers)).toEqual({ refused: 'expired' });
  });
});

describe('what a shared cache must not store', () => {
  test.each<[string, string, Record<string, string | string[]>, object]>([
    ['no-store', 'no-store', { 'cache-control': 'no-store' }, {}],
    ['no-store beside a max-age', 'no-store', { 'cache-control': 'max-age=60,no-store' }, {}],
    ['private', 'private', { 'cache-control': 'max-age=60, PRIVATE' }, {}],
    ['private for one field', 'private', { 'cache-control': 'private="x-user, x-tenant", max-age=60' }, {}],
    ['no-cache, as nothing is revalidated', 'no-cache', { 'cache-control': 'no-cache' }, {}],
    ['a reply that sets a cookie', 'set-cookie', { 'set-cookie': ['a=1'], 'cache-control': 'public' }, {}],
    ['a reply to credentials', 'authorization', {}, { authorized: true }],
    [
      'a reply to credentials with max-age alone',
      'authorization',
      { 'cache-control': 'max-age=60' },
      { authorized: true },
    ],
    ['a reply that depends on everything', 'vary', {}, { vary: ['*'] }],
    ['a reply that depends on what is not in the key', 'vary', {}, { vary: ['accept-language', 'cookie'] }],
    ['a part', 'status', { 'cache-control': 'max-age=60' }, { status: 206 }],
    ['a reply without its content', 'status', { 'cache-control': 'max-age=60' }, { status: 304 }],
    ['a redirection for now', 'status', {}, { status: 302 }],
    ['a failure', 'status', {}, { status: 500 }],
    ['a refusal', 'status', {}, { status: 401 }],
  ])('%s', (_what, refused, headers, more) => {
    expect(verdict(headers, more)).toEqual({ refused });
  });
});

describe('what it may store all the same', () => {
  test.each(['public', 's-maxage=60', 'must-revalidate'])(
    'a reply to credentials that says %s',
    (directive) => {
      expect(verdict({ 'cache-control': directive }, { authorized: true })).toEqual({ ttl: MINUTE });
    },
  );

  test.each([203, 204, 300, 301, 308, 404, 410])('a reply with status %i', (status) => {
    expect(verdict({}, { status })).toEqual({ ttl: MINUTE });
  });

  test('a redirection for now that says for how long', () => {
    expect(verdict({ 'cache-control': 'max-age=60' }, { status: 302 })).toEqual({ ttl: MINUTE });
  });

  test('a reply that depends on what is in the key', () => {
    expect(verdict({}, { vary: ['accept-language'] })).toEqual({ ttl: MINUTE });
  });

  test('a directive that is only a part of the name of another', () => {
    expect(verdict({ 'cache-control': 'x-private, ext="no-store, private"' })).toEqual({ ttl: MINUTE });
  });
});
