import { expect, test } from 'vitest';
import { createTestUnderstudy } from '../../src/testing/index.ts';

const start = () =>
  createTestUnderstudy({ ttl: '1h', namespaces: { pages: { ttl: '1m', grace: '10m' }, plain: {} } });

test('a value lives as long as its namespace says, and no call says otherwise', async () => {
  await using system = await start();
  const { cache } = system;
  await system.until(cache.set('pages:a', 1));
  await system.until(cache.namespace('pages').set('b', 1, { ttl: '5m' }));
  await system.until(cache.namespace('plain').setMany([['c', 1]]));
  await system.advance('2m');
  expect(await system.until(cache.getMany(['pages:a', 'pages:b', 'plain:c']))).toEqual(
    new Map([
      ['pages:b', 1],
      ['plain:c', 1],
    ]),
  );
});

test('what is past its time is kept for the grace of its namespace', async () => {
  await using system = await start();
  const pages = system.cache.namespace('pages');
  await system.until(pages.setMany([['a', 'old']]));
  await system.advance('2m');
  expect(await system.until(pages.find('a'))).toMatchObject({ found: true, stale: true, value: 'old' });
  const fallback = pages.getOrSet('a', () => {
    throw new Error('the source is out');
  });
  expect(await system.until(fallback)).toBe('old');
});

test('a view and a namespace of it are the same as a view of the namespace', async () => {
  await using system = await start();
  const { cache } = system;
  await system.until(cache.for({ tenant: 1 }).namespace('pages').set('a', 1));
  expect(await system.until(cache.namespace('pages').for({ tenant: 1 }).get('a'))).toBe(1);
  expect(await system.until(cache.namespace('pages').get('a'))).toBeUndefined();
  expect(await system.until(cache.keys('pages:'))).toHaveLength(1);
});

test('a namespace must have been declared', async () => {
  await using system = await start();
  expect(() => system.understudy.cache.namespace('page' as 'pages')).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: 'namespace: expected one of pages, plain, got page',
    }),
  );
});

test('names and terms of namespaces are checked at the start', async () => {
  const misnamed = createTestUnderstudy({ namespaces: { 'a:b': {} } });
  await expect(misnamed).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  const misspelt = createTestUnderstudy({ namespaces: { a: JSON.parse('{"schema":{}}') } });
  await expect(misspelt).rejects.toThrow(/namespaces\.a\.schema: expected a Standard Schema/);
});
