import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const adapters = [
  { name: 'bentocache', exported: ['understudyDriver'] },
  { name: 'keyv', exported: ['createKeyvStore'] },
  { name: 'unstorage', exported: ['understudyDriver'] },
] as const;

describe.each(adapters)('understudy-cache/$name', ({ name, exported }) => {
  const source = new URL(`../../src/adapters/${name}.ts`, import.meta.url);

  test('is an entry of the package', async () => {
    expect(manifest.exports[`./${name}`].default).toBe(`./dist/src/adapters/${name}.js`);
    expect(Object.keys(await import(source.href))).toEqual(exported);
  });

  test('asks for its library and does not load it', () => {
    expect(manifest.peerDependencies).toHaveProperty(name);
    expect(manifest.peerDependenciesMeta).toHaveProperty(name, { optional: true });
    const imports = readFileSync(source, 'utf8').matchAll(/^(import .*) from '([^.].*)';$/gm);
    const loaded = [...imports].filter(([, what]) => !what?.startsWith('import type '));
    expect(loaded).toEqual([]);
  });
});
