import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createUnderstudy } from '../../src/system.ts';
import { RedisTier } from '../../src/tiers/redis/redis-tier.ts';
import { type RedisServer, startRedis } from '../servers/redis-server.ts';
import { tierOptions } from '../tiers/redis-tier-options.ts';
import { CANARIES, exposed, seen } from './canaries.ts';
import { SpanRecorder } from './span-recorder.ts';
import { WatchedSystem } from './watched-system.ts';

const { password, wrongPassword, token, wrongToken, secret, value, key, loader } = CANARIES;
const recorder = new SpanRecorder();
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
let redis: RedisServer;

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  redis = await startRedis({ password });
});
afterAll(async () => {
  process.off('unhandledRejection', onUnhandled);
  await redis?.stop();
});
afterEach(() => {
  recorder.clear();
  expect(unhandled).toEqual([]);
});

const startSystem = (options: Parameters<typeof WatchedSystem.start>[0]) =>
  WatchedSystem.start(options, recorder);

async function expectNothingSeen(system: WatchedSystem): Promise<void> {
  await system.read();
  expect(seen(system.sinks(), CANARIES)).toEqual([]);
}

describe('no password, token, secret, value, key or message of a loader leaves', () => {
  it('when all is well', async () => {
    await using system = await startSystem({ redis: { url: redis.url, password } });
    const { cache } = system.understudy;
    await recorder.under('request', async () => {
      await cache.set(key, { deep: [value] });
      expect(await cache.get(key)).toEqual({ deep: [value] });
      await cache.getMany([key, `${key}:2`]);
      await cache.getOrSet(`${key}:3`, () => value);
      await cache.touch(key);
      await cache.keys(key);
      await cache.delete(key);
      await cache.clear(key);
    });
    expect((await system.understudy.health()).connected).toBe(true);
    expect(recorder.spans.length).toBeGreaterThan(10);
    await expectNothingSeen(system);
  });

  it('when what is asked is refused', async () => {
    await using system = await startSystem({ redis: { url: redis.url, password } });
    const { cache } = system.understudy;
    const round: Record<string, unknown> = { [key]: value };
    round.self = round;
    const { understudy } = system;
    const codes: unknown[] = [];
    for (const call of [
      () => cache.set(key.repeat(100), value),
      () => cache.set('', value),
      () => cache.set(key, round),
      () => cache.set(key, { [key]: new Set([() => value]), value }),
      () => cache.set(key, value, { ttl: -1 }),
      () =>
        cache.setMany([
          [key, value],
          ['', value],
        ]),
      () => understudy.ask({ type: 'cache.keys', prefix: key, cursor: value }),
      () => understudy.ask({ type: 'cache.fulfil', key, lease: value, value: round }),
      () => understudy.ask({ type: 'metrics.count', name: key, labels: { [key]: value } }),
      () => understudy.ask({ type: 'metrics.observe', name: value, values: [Number.NaN] }),
    ]) {
      const failure = await system.failing(call);
      codes.push(failure instanceof Error && 'code' in failure ? failure.code : failure);
    }
    expect(codes).toEqual([
      'INVALID_KEY',
      'INVALID_KEY',
      'INVALID_VALUE',
      'INVALID_VALUE',
      'INVALID_TTL',
      'INVALID_KEY',
      'INVALID_OPTION',
      'INVALID_VALUE',
      'INVALID_MESSAGE',
      'INVALID_MESSAGE',
    ]);
    await expectNothingSeen(system);
  });

  it('when Redis holds something else than was expected', async () => {
    await using system = await startSystem({ redis: { url: redis.url, password } });
    const { cache } = system.understudy;
    await redis.call('SET', `understudy:${key}:text`, `{"broken": "${value}`);
    await redis.call('SET', `understudy:${key}:envelope`, `{"v":99,"value":"${value}"}`);
    await redis.call('RPUSH', `understudy:${key}:list`, value);
    for (const name of ['text', 'envelope', 'list']) {
      await system.failing(() => cache.find(`${key}:${name}`));
      const failure = await system.failing(() => cache.increment(`${key}:${name}`));
      expect(failure, name).toMatchObject({ code: 'NOT_A_NUMBER' });
    }
    await expectNothingSeen(system);
  });

  it('when what is sealed was tampered with, and when it cannot be written', async () => {
    const seal = { mode: 'encrypt' as const, keys: [{ id: 'k1', secret }] };
    const compression = { algorithm: 'zstd' as const, offload: 1_024 };
    await using system = await startSystem({ redis: { url: redis.url, password }, seal, compression });
    const { cache } = system.understudy;
    for (const text of [value, value.repeat(500)]) {
      await cache.set(key, { text, at: new Date(0) });
      const name = `understudy:${key}`;
      const stored = String(await redis.call('GET', name));
      expect(seen([{ name: 'Redis', texts: () => [stored.slice(54)] }], CANARIES)).toEqual([]);
      await redis.call(
        'SET',
        name,
        stored.replace(/.{8}"}$/, (end) => `AAAA${end.slice(4)}`),
      );
      expect(await cache.find(key)).toMatchObject({ found: false });
      await redis.call('SET', name, stored.replace('"k1"', `"${value}"`));
      expect(await cache.find(key)).toMatchObject({ found: false });
    }
    await system.failing(() => cache.increment(key));
    await system.failing(() => cache.set(key, new Map([[value, () => value]])));
    await expectNothingSeen(system);
  });

  it('when a loader fails: who waits for it gets its error, and nobody else', async () => {
    await using system = await startSystem({ redis: { url: redis.url, password } });
    const { cache } = system.understudy;
    const error = Object.assign(new Error(`${loader} for "${value}"`), {
      code: loader,
      name: loader,
      detail: value,
    });
    const load = () => Promise.reject(error);
    const waiters = await recorder.under('request', () =>
      Promise.allSettled([cache.getOrSet(key, load), cache.getOrSet(key, load)]),
    );
    expect(waiters).toMatchObject([{ reason: error }, { reason: error }]);
    await expectNothingSeen(system);
  });

  it('when an actor crashes over what it was sent', async () => {
    await using system = await startSystem({ redis: { url: redis.url, password } });
    const message = { type: 'fragile.break', with: value } as const;
    expect(await system.failing(() => system.understudy.ask(message))).toMatchObject({
      code: 'ACTOR_CRASHED',
    });
    expect((await system.understudy.health()).actors).toContainEqual(
      expect.objectContaining({
        id: 'fragile',
        lastError: expect.stringContaining('Cannot create property'),
      }),
    );
    system.understudy.send(message);
    await expectNothingSeen(system);
  });

  it('when the restart budget is spent', async () => {
    await using system = await startSystem({ supervisor: { intensity: 0 } });
    const message = { type: 'fragile.break', with: value } as const;
    await system.failing(() => system.understudy.ask(message));
    expect(await system.failing(() => system.understudy.ask(message))).toMatchObject({
      code: 'ACTOR_UNAVAILABLE',
    });
    expect(seen(system.sinks(), CANARIES)).toEqual([]);
  });

  it('when Redis freezes, and the journal is full', async () => {
    await using own = await startRedis({ password });
    await using system = await startSystem({
      redis: { url: own.url, password, commandTimeout: 50 },
      breaker: { failures: 2 },
      journal: { maxEntries: 3 },
    });
    const { cache } = system.understudy;
    await own.freeze();
    await recorder.under('request', async () => {
      for (let n = 0; n < 3; n++) await cache.set(`${key}:${n}`, value);
      await cache.get(key);
    });
    await expect.poll(async () => (await system.understudy.health()).circuit_breaker_open).toBe(true);
    const full = await system.failing(() => cache.set(`${key}:more`, value));
    expect(full).toMatchObject({ code: 'JOURNAL_FULL' });
    await expectNothingSeen(system);
    await own.thaw();
  });

  it('when Redis refuses, and quotes what it was sent', async () => {
    await using own = await startRedis({
      password,
      args: ['--rename-command', 'EVALSHA', 'hidden-1', '--rename-command', 'MGET', 'hidden-2'],
    });
    await using system = await startSystem({ redis: { url: own.url, password }, breaker: { failures: 3 } });
    const { cache } = system.understudy;
    await recorder.under('request', async () => {
      for (let n = 0; n < 3; n++) {
        await cache.get(`${key}:${n}`);
        await cache.set(`${key}:${n}`, value);
      }
    });
    const log = system.sinks().find(({ name }) => name === 'log');
    expect(log?.texts().join()).toContain('unknown command');
    await expectNothingSeen(system);
  });

  it('when Redis is killed', async () => {
    await using own = await startRedis({ password });
    await using system = await startSystem({ redis: { url: own.url, password } });
    await own.kill();
    await recorder.under('request', async () => {
      await system.understudy.cache.set(key, value);
      await system.understudy.cache.get(key);
    });
    await expect.poll(async () => (await system.understudy.health()).connected).toBe(false);
    await expectNothingSeen(system);
  });

  it.each([
    ['the wrong password', { password: wrongPassword }, /WRONGPASS/],
    ['the wrong password for a user', { username: 'default', password: wrongPassword }, /WRONGPASS/],
    ['no password', {}, /NOAUTH/],
  ])('with %s', async (_what, credentials, reason) => {
    await using system = await startSystem({ redis: { url: redis.url, ...credentials } });
    await system.understudy.cache.set(key, value);
    await system.understudy.cache.get(key);
    const health = await system.understudy.health();
    expect(health.connected).toBe(false);
    const events = system.sinks().find(({ name }) => name === 'log');
    expect(events?.texts().join()).toMatch(reason);
    await expectNothingSeen(system);
  });

  it('from the client of Redis itself', async () => {
    const address = { host: '127.0.0.1', port: redis.port };
    const tier = new RedisTier(tierOptions({ kind: 'standalone', address }, { password: wrongPassword }));
    const error = await tier.connect().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: expect.stringContaining('WRONGPASS') });
    expect(seen([{ name: 'errors', texts: () => exposed(error) }], CANARIES)).toEqual([]);
  });

  it('with a password in the URL', async () => {
    const url = redis.url.replace('://', `://default:${wrongPassword}@`);
    await using system = await startSystem({ redis: { url } });
    expect((await system.understudy.health()).connected).toBe(false);
    await expectNothingSeen(system);
  });

  it.each([
    ['a URL that cannot be parsed', { redis: { url: `redis://:${password}@host:port` } }],
    ['a URL of another kind', { redis: { url: `http://:${password}@host` } }],
    ['two places at once', { redis: { url: `redis://:${password}@host`, host: 'other' } }],
    ['a token that is no text', { http: { token: { secret: token } } }],
    ['a password that is no text', { redis: { host: 'h', password: [password] } }],
    [
      'a secret that is too short',
      { seal: { mode: 'sign', keys: [{ id: 'k', secret: secret.slice(0, 30) }] } },
    ],
    ['a secret in the wrong place', { seal: { mode: secret, keys: secret, key: secret } }],
    ['a secret of a namespace', { namespaces: { n: { seal: { mode: 'sign', keys: [{ id: 7, secret }] } } } }],
    ['a misspelt option', { redis: { host: 'h', pasword: password } }],
  ])('with a configuration of %s', async (_what, options) => {
    const error = await Reflect.apply(createUnderstudy, undefined, [options]).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'INVALID_CONFIG' });
    const errors = { name: 'errors', texts: () => exposed(error) };
    expect(seen([errors], CANARIES)).toEqual([]);
  });

  it('over HTTP', async () => {
    await using system = await startSystem({ redis: { url: redis.url, password } });
    const post = (body: string, authorization: string) =>
      system.request('/v1/messages', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body,
      });
    const good = `Bearer ${token}`;
    const message = (fields: object) => JSON.stringify(fields);
    const statuses = [
      await post(message({ type: 'cache.get', key }), `Bearer ${wrongToken}`),
      await post(message({ type: 'cache.get', key }), wrongToken),
      await post(`{"broken": "${value}`, good),
      await post(message({ type: 'cache.set', key: key.repeat(100), value }), good),
      await post(message({ type: 'cache.set', key, value, ttl: { [key]: value } }), good),
      await post(message({ type: 'cache.set', key, value, extra: value }), good),
      await post(message({ type: 'cache.increment', key, by: value }), good),
      await post(message({ type: 'fragile.break', with: value }), good),
      await system.request(`/${key}?token=${token}`, {}),
    ];
    expect(statuses).toEqual([401, 401, 400, 400, 400, 400, 400, 500, 404]);
    await expectNothingSeen(system);
  });
});

describe('every sink is watched', () => {
  it('and what leaks there is seen', async () => {
    const planted = 'canary-that-is-planted';
    await using system = await startSystem({ redis: { url: redis.url, password } });
    const { understudy } = system;
    // In the log, the events, the reports and the errors of others.
    await system.failing(() => understudy.ask({ type: 'fragile.leak', with: planted }));
    // In the metrics, and the responses that show them.
    await understudy.ask({ type: 'metrics.count', name: 'planted', labels: { text: planted } });
    await recorder.under(planted, () => {});
    process.stderr.write(`${planted}\n`);
    await system.read();
    const names = system.sinks().map(({ name }) => name);
    expect(names.sort()).toEqual([
      'console',
      'errors',
      'events',
      'health',
      'log',
      'metrics',
      'responses',
      'spans',
    ]);
    expect(seen(system.sinks(), { planted }).sort()).toEqual(names.map((name) => `${name}: planted`));
  });

  it.each([
    ['a longer text', `redis://:${value}@host`],
    ['Base64', Buffer.from(`a${value}b`).toString('base64')],
    ['Base64 at another place', Buffer.from(`ab${value}`).toString('base64')],
    ['the JSON of bytes', JSON.stringify(Buffer.from(value))],
    ['a dump of a buffer', exposed(Buffer.from(value))[0] ?? ''],
    ['a dump of an array', exposed(new Uint8Array(Buffer.from(value)))[0] ?? ''],
    ['what hangs on an error', exposed(Object.assign(new Error('x'), { command: { args: [value] } })).join()],
    ['the cause of a cause', exposed(new Error('x', { cause: new Error('y', { cause: value }) })).join()],
  ])('also in %s', (_form, text) => {
    expect(seen([{ name: 'log', texts: () => [text] }], { value })).toEqual(['log: value']);
  });
});
