import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { freePort } from '../../src/cli/free-port.ts';
import { runService } from '../../src/cli/service.ts';
import { resolveOptions } from '../../src/config/resolve.ts';
import { type ActorSpec, defineActor } from '../../src/system/define-actor.ts';
import { answer } from '../http/served.ts';
import { until } from '../servers/until.ts';

type Logged = { readonly fields: object; readonly message: string };

const bomb = defineActor({
  id: 'bomb',
  start: () => ({
    receive: () => {
      throw new Error('it went off');
    },
  }),
});

function service(actors: readonly ActorSpec[] = []) {
  const logged: Logged[] = [];
  const log = (fields: object, message: string): void => {
    logged.push({ fields, message });
  };
  const process = new EventEmitter();
  const abandoned: number[] = [];
  const run = async (port: number) =>
    runService({
      options: resolveOptions({ http: { port }, supervisor: { intensity: 0 } }),
      env: {},
      actors,
      logger: { debug: log, info: log, warn: log, error: log },
      process,
      abandon: (code) => abandoned.push(code),
    });
  return { logged, process, abandoned, run };
}

test('when the supervisor gives up the service says so and ends with 70', async () => {
  const { logged, run } = service([bomb]);
  const port = await freePort();
  const ended = run(port);
  const url = `http://127.0.0.1:${port}`;
  await until('it is ready', async () => (await fetch(`${url}/readyz`)).ok, { timeoutMs: 5_000 });
  const body = JSON.stringify({ type: 'bomb.ignite' });
  const failed = await answer(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(failed.status).toBeGreaterThanOrEqual(500);
  expect(JSON.stringify(failed.body)).not.toContain('it went off');
  expect(await ended).toBe(70);
  const messages = logged.map(({ message }) => message);
  expect(messages).toContain('the supervisor gave up');
  await expect(fetch(`${url}/livez`)).rejects.toThrow('fetch failed');
});

test('what nobody caught is logged, and ends the process with 70', async () => {
  const { logged, process, abandoned, run } = service();
  const port = await freePort();
  const ended = run(port);
  const error = new Error('lost');
  await until('it listens', async () => (await fetch(`http://127.0.0.1:${port}/livez`)).ok, {
    timeoutMs: 5_000,
  });
  process.emit('uncaughtException', error);
  expect(abandoned).toEqual([70]);
  expect(logged).toContainEqual({ fields: { err: error }, message: 'nobody caught an error' });
  process.emit('SIGTERM');
  expect(await ended).toBe(0);
});

test('while the actors drain it is alive, not ready, and takes no messages', async () => {
  const held = Promise.withResolvers<void>();
  const slow = defineActor({ id: 'slow', start: () => ({ receive: () => {}, drain: () => held.promise }) });
  const { process, run } = service([slow]);
  const port = await freePort();
  const ended = run(port);
  const url = `http://127.0.0.1:${port}`;
  await until('it is ready', async () => (await fetch(`${url}/readyz`)).ok, { timeoutMs: 5_000 });
  process.emit('SIGTERM');
  await until('it is not ready', async () => !(await fetch(`${url}/readyz`)).ok, { timeoutMs: 5_000 });
  const stopping = { status: 503, body: { code: 'STOPPING' } };
  expect(await answer(`${url}/readyz`)).toMatchObject(stopping);
  expect(await answer(`${url}/livez`)).toMatchObject({ status: 200 });
  expect(await answer(`${url}/v1/messages`, { method: 'POST', body: '{}' })).toMatchObject(stopping);
  held.resolve();
  expect(await ended).toBe(0);
});
