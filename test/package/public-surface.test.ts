import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as understudy from '../../src/index.ts';

test('these are the values the package exports, and no others', () => {
  expect(Object.keys(understudy).toSorted()).toEqual([
    'ERROR_TABLE',
    'UnderstudyError',
    'createUnderstudy',
    'defineActor',
    'fromEnvironment',
    'isUnderstudyError',
    'metricProducer',
  ]);
});

test('the HTTP face has an entry of its own, as most hosts need no web server', async () => {
  const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(exports['./http'].default).toBe('./dist/src/http/serve-http.js');
  expect(Object.keys(await import('../../src/http/serve-http.ts'))).toEqual(['serveHttp']);
});

test('the test kit has an entry of its own, as no program needs it', async () => {
  const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(exports['./testing'].default).toBe('./dist/src/testing/index.js');
  expect(Object.keys(await import('../../src/testing/index.ts')).toSorted()).toEqual([
    'EventTimeout',
    'VirtualClock',
    'createTestUnderstudy',
  ]);
});

test('the entry names what it exports', () => {
  const entry = readFileSync(new URL('../../src/index.ts', import.meta.url), 'utf8');
  expect(entry).not.toMatch(/export\s+\*/);
  expect(entry.replaceAll(/export (type )?\{[^}]*\} from '[^']+';/g, '').trim()).toBe('');
});

test('importing the package starts nothing that keeps a program from ending', async () => {
  const { spawnSync } = await import('node:child_process');
  const entry = new URL('../../src/index.ts', import.meta.url).href;
  const program = `
    const { createUnderstudy } = await import(${JSON.stringify(entry)});
    const understudy = await createUnderstudy();
    await understudy.cache.set('a', 1);
    console.log(await understudy.cache.get('a'));
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    timeout: 15_000,
  });
  expect([status, stdout.trim(), stderr]).toEqual([0, '1', '']);
});
