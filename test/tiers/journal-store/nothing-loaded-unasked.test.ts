import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Which packages of a Postgres a process has loaded by the time its system runs, and how many worker threads it has. */
async function loadedWith(durable: string): Promise<string[]> {
  const source = `
    import { registerHooks } from 'node:module';
    const loaded = new Set();
    registerHooks({
      load(url, context, next) {
        const name = /node_modules\\/(pg|@electric-sql\\/pglite)\\//.exec(url)?.[1];
        if (name) loaded.add(name);
        if (/tiers\\/(postgres|pglite)\\//.test(url)) loaded.add('our own');
        return next(url, context);
      },
    });
    const { createUnderstudy } = await import('./src/index.ts');
    const understudy = await createUnderstudy({ redis: { url: 'redis://127.0.0.1:9' }, durable: ${durable} });
    await understudy.stop();
    console.log(JSON.stringify([...loaded].sort()));
    process.exit();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source], {
    env: { PATH: process.env.PATH, TMPDIR: tmpdir() },
  });
  return JSON.parse(stdout);
}

it('a system without a durable tier loads nothing of one', async () => {
  expect(await loadedWith('undefined')).toEqual([]);
});

it('one with a Postgres loads its driver, and not the embedded one', async () => {
  expect(await loadedWith("{ url: 'postgres://127.0.0.1:9/none' }")).toEqual(['our own', 'pg']);
});
