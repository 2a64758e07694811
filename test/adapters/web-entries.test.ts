import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const FROM_SOURCES = new URL('../examples/from-sources.ts', import.meta.url).href;

const entries = [
  { name: 'express-session', source: 'express-session', exported: ['sessionStore'] },
  { name: 'fastify', source: 'fastify/route-cache', exported: ['routeCache'] },
  { name: 'cached', source: 'cached', exported: ['cached'] },
  { name: 'decorator', source: 'decorator', exported: ['Cached', 'resultsOf'] },
] as const;

/** Loads an entry in a process of its own, and tells what it exports and which packages it loaded. */
async function loaded(entry: string): Promise<{ exported: string[]; packages: string[] }> {
  const program = `
    import { registerHooks } from 'node:module';
    const packages = new Set();
    registerHooks({
      resolve(specifier, context, next) {
        const found = next(specifier, context);
        const [, name] = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(found.url) ?? [];
        if (name !== undefined) packages.add(name);
        return found;
      },
    });
    const exported = Object.keys(await import(${JSON.stringify(`understudy-cache/${entry}`)}));
    console.log(JSON.stringify({ exported, packages: [...packages] }));
  `;
  const cwd = new URL('.', import.meta.url);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', FROM_SOURCES, '--input-type=module', '--eval', program],
    { cwd, timeout: 15_000 },
  );
  return JSON.parse(stdout);
}

test.each(entries)(
  'understudy-cache/$name is an entry, and loads none of the libraries it is for',
  async (entry) => {
    expect(manifest.exports[`./${entry.name}`]).toEqual({
      types: `./dist/src/adapters/${entry.source}.d.ts`,
      default: `./dist/src/adapters/${entry.source}.js`,
    });
    const { exported, packages } = await loaded(entry.name);
    expect(exported).toEqual(entry.exported);
    // What a program has anyway that uses the cache.
    expect(packages.filter((name) => name !== 'zod')).toEqual([]);
  },
);

test('express-session is what its users bring', () => {
  expect(manifest.peerDependencies).toHaveProperty('express-session');
  expect(manifest.peerDependenciesMeta).toHaveProperty('express-session', { optional: true });
});
