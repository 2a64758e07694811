import { expect, test, vi } from 'vitest';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import { RawRequest } from './raw-request.ts';
import { type Answer, served } from './served.ts';

function leaseIn({ body }: Answer): string {
  const lease: unknown = Reflect.get(Object(Reflect.get(Object(body), 'reply')), 'lease');
  if (typeof lease !== 'string') throw new Error(`No lease in ${JSON.stringify(body)}`);
  return lease;
}

test('of two askers one is given the lease, and the other what the first fulfils it with', async () => {
  const { post, understudy } = await served();
  const lease = leaseIn(await post({ type: 'cache.acquire', key: 'k' }));
  const waiting = post({ type: 'cache.acquire', key: 'k' }, { 'understudy-deadline': '5000' });
  await vi.waitFor(async () => expect((await understudy.health()).cache?.leases).toBe(1));
  const fulfilled = await post({ type: 'cache.fulfil', key: 'k', lease, value: { loaded: true } });
  expect(fulfilled).toMatchObject({ status: 200, body: { reply: { stored: true } } });
  expect(await waiting).toMatchObject({
    status: 200,
    body: { reply: { found: true, value: { loaded: true } } },
  });
});

test.each([['a text'], [{ why: 'the database is down' }]])(
  'waiters of a load that was abandoned for %j fail with LOAD_FAILED',
  async (reason) => {
    const { post, understudy } = await served();
    const lease = leaseIn(await post({ type: 'cache.acquire', key: 'k' }));
    const overHttp = post({ type: 'cache.acquire', key: 'k' }, { 'understudy-deadline': '5000' });
    const inProcess = understudy.cache.getOrSet('k', () => 'unused').catch((error: unknown) => error);
    await vi.waitFor(async () => {
      const tree = await understudy.ask({ type: 'supervisor.tree' });
      expect(tree.children.find(({ id }) => id === 'cache')?.depth).toBe(2);
    });
    const abandoned = await post({ type: 'cache.abandon', key: 'k', lease, reason });
    expect(abandoned).toMatchObject({ status: 200, body: { reply: { abandoned: true } } });

    const refused = await overHttp;
    expect(refused).toMatchObject({ status: 502, body: { code: 'LOAD_FAILED', retryable: true } });
    expect(JSON.stringify(refused.body)).not.toContain('database');
    const error = await inProcess;
    expect(error).toBeInstanceOf(UnderstudyError);
    expect(error).toMatchObject({ code: 'LOAD_FAILED', status: 502, cause: reason });
  },
);

test.each([[5], [null], [true]])('a reason of %j is refused, and the lease stays', async (reason) => {
  const { post } = await served();
  const lease = leaseIn(await post({ type: 'cache.acquire', key: 'k' }));
  const refused = await post({ type: 'cache.abandon', key: 'k', lease, reason });
  expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID_MESSAGE' } });
  expect(await post({ type: 'cache.abandon', key: 'k', lease })).toMatchObject({
    body: { reply: { abandoned: true } },
  });
});

test('an asker over HTTP is told that a loader of the process failed, and not how', async () => {
  const { post, understudy } = await served();
  const failing = Promise.withResolvers<never>();
  const loading = understudy.cache.getOrSet('k', () => failing.promise).catch(() => 'failed');
  const waiting = post({ type: 'cache.acquire', key: 'k' }, { 'understudy-deadline': '5000' });
  await vi.waitFor(async () => {
    const tree = await understudy.ask({ type: 'supervisor.tree' });
    expect(tree.children.find(({ id }) => id === 'cache')?.depth).toBe(1);
  });
  failing.reject(new Error('password hunter2 was wrong'));
  const [refused] = await Promise.all([waiting, loading]);
  expect(refused).toMatchObject({ status: 502, body: { code: 'LOAD_FAILED' } });
  expect(JSON.stringify(refused.body)).not.toContain('hunter2');
});

test('a lease that is granted to a client that has hung up goes to the next asker', async () => {
  const { post, url, understudy } = await served();
  const first = leaseIn(await post({ type: 'cache.acquire', key: 'k' }));
  const body = JSON.stringify({ type: 'cache.acquire', key: 'k' });
  const head = ['POST /v1/messages HTTP/1.1', 'host: localhost', 'content-type: application/json'];
  const quitter = new RawRequest(url).send(
    [...head, 'understudy-deadline: 10000', `content-length: ${body.length}`, '', body].join('\r\n'),
  );
  await vi.waitFor(async () => {
    const tree = await understudy.ask({ type: 'supervisor.tree' });
    expect(tree.children.find(({ id }) => id === 'cache')?.depth).toBe(1);
  });
  quitter.socket.destroy();
  await quitter.closed;
  // Its closing is known to the server by the time of another request.
  await post({ type: 'cache.stats' });
  await post({ type: 'cache.abandon', key: 'k', lease: first });
  const next = await post({ type: 'cache.acquire', key: 'k' }, { 'understudy-deadline': '2000' });
  expect(leaseIn(next)).toEqual(expect.any(String));
});
