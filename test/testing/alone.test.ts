import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const entry = (path: string): string => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);

/** What a process of its own prints. */
async function printed(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    timeout: 30_000,
  });
  return stdout.trim();
}

/** Tells which modules a process has loaded by the end of `script`. */
async function loadedBy(script: string): Promise<string[]> {
  const source = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    ${script}
    console.log(JSON.stringify(loaded));
  `;
  return JSON.parse(await printed(source));
}

test('the package itself does not load its test kit', async () => {
  const loaded = await loadedBy(`await import(${entry('src/index.ts')});`);
  expect(loaded.filter((url) => url.includes('/src/system.ts'))).toHaveLength(1);
  expect(loaded.filter((url) => url.includes('/src/testing/'))).toEqual([]);
});

test('the kit needs no test runner, and nothing else that the package does not need', async () => {
  const packages = (urls: readonly string[]): Set<string> =>
    new Set(
      urls.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(url)?.[1] ?? []),
    );
  const own = packages(await loadedBy(`await import(${entry('src/index.ts')});`));
  const kits = packages(await loadedBy(`await import(${entry('src/testing/index.ts')});`));
  expect([...kits].filter((name) => !own.has(name))).toEqual([]);
});

test('it runs where no socket can be opened and no timer of the machine ever fires', async () => {
  const script = `
    import net from 'node:net';
    const sockets = [];
    net.Socket.prototype.connect = (...args) => { sockets.push(args); throw new Error('no socket'); };
    const never = () => ({ unref() { return this; }, ref() { return this; } });
    const { createTestUnderstudy } = await import(${entry('src/testing/index.ts')});
    globalThis.setTimeout = globalThis.setInterval = never;
    const kit = await createTestUnderstudy();
    await kit.cache.set('a', 1);
    kit.redis.freeze();
    for (let call = 0; call < 5; call++) await kit.until(kit.cache.set('a', call));
    await kit.events.next('breaker.changed', { state: 'open' });
    kit.redis.restore();
    await kit.events.next('journal.replayed', { remaining: 0 });
    await kit.stop();
    console.log(JSON.stringify([kit.redis.value('a'), kit.understudy.state, sockets.length]));
  `;
  expect(JSON.parse(await printed(script))).toEqual([4, 'stopped', 0]);
});
