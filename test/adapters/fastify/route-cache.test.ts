import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createUnderstudy, type Understudy } from '../../../src/index.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { SuiteRedis, understudies } from '../../cache/systems.ts';
import { ask, cachedApp } from './cached-app.ts';

const redis = new SuiteRedis();
const start = understudies();
const cache = { ttl: '1m' };

/** A route that counts how often its handler ran. */
function counting(app: FastifyInstance, url: string, config: object = cache): { runs: number } {
  const counter = { runs: 0 };
  app.get(url, { config: { cache: { ...cache, ...config } } }, async (request) => ({
    run: ++counter.runs,
    language: request.headers['accept-language'] ?? null,
  }));
  return counter;
}

describe.each([
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
  ['with Redis out', () => ({ redis: { url: 'redis://127.0.0.1:1', connectTimeout: 50 } })],
] as const)('%s', (_name, options) => {
  test('a reply is stored with its status, its headers and its content', async () => {
    const app = await cachedApp(await start(options()));
    let runs = 0;
    app.get('/gone', { config: { cache } }, async (_request, reply) => {
      runs++;
      return reply
        .code(410)
        .headers({ 'x-reason': 'moved', 'x-many': ['a', 'b'], 'content-type': 'text/x-odd' })
        .send('Gone.');
    });
    const first = await ask(app, '/gone');
    const second = await ask(app, '/gone');
    expect([first.cache, second.cache]).toEqual(['fwd=uri-miss; stored', 'hit']);
    for (const { status, body, headers } of [first, second]) {
      expect([status, body]).toEqual([410, 'Gone.']);
      expect(headers).toMatchObject({
        ...{ 'x-reason': 'moved', 'x-many': ['a', 'b'], 'content-type': 'text/x-odd', 'content-length': '5' },
      });
    }
    expect(first.headers).not.toHaveProperty('age');
    expect(second.headers).toMatchObject({ age: expect.stringMatching(/^\d+$/) });
    expect(runs).toBe(1);
  });

  test('every byte comes back, and JSON is serialised once', async () => {
    const app = await cachedApp(await start(options()));
    const bytes = Buffer.concat([
      Buffer.from(Array.from({ length: 256 }, (_, at) => at)),
      randomBytes(10_000),
    ]);
    const text = 'ä€😀\u0000\ud800"\\';
    app.get('/bytes', { config: { cache } }, async () => bytes);
    app.get('/view', { config: { cache } }, async () => new Uint16Array([1, 65_535]));
    app.get('/text', { config: { cache } }, async () => text);
    app.get('/json', { config: { cache } }, async () => ({ text, list: [1, null] }));
    app.get('/nothing', { config: { cache } }, async (_request, reply) => reply.code(204).send());
    await app.ready();
    for (const url of ['/bytes', '/view', '/text', '/json', '/nothing']) {
      const [first, second] = [await app.inject(url), await app.inject(url)];
      expect(second.headers['cache-status']).toContain('hit');
      expect(second.rawPayload.equals(first.rawPayload)).toBe(true);
      expect(second.headers['content-type']).toBe(first.headers['content-type']);
      expect(second.headers['content-length']).toBe(first.headers['content-length']);
    }
    expect((await app.inject('/bytes')).rawPayload.equals(bytes)).toBe(true);
    expect((await app.inject('/json')).json()).toEqual({ text, list: [1, null] });
  });

  test('a thousand requests at once run the handler once', async () => {
    const app = await cachedApp(await start(options()));
    const counter = counting(app, '/page');
    const seen = await Promise.all(Array.from({ length: 1_000 }, () => ask(app, '/page')));
    expect(new Set(seen.map(({ body }) => body))).toEqual(new Set(['{"run":1,"language":null}']));
    expect(seen.filter((one) => one.cache === 'hit')).toHaveLength(999);
    expect(counter.runs).toBe(1);
  });

  test('purging forgets what begins so, also what is being made', async () => {
    const app = await cachedApp(await start(options()));
    const [articles, article, other] = [
      counting(app, '/articles'),
      counting(app, '/articles/1'),
      counting(app, '/other'),
    ];
    const replies: ((text: string) => void)[] = [];
    app.get(
      '/articles/slow',
      { config: { cache } },
      () => new Promise<string>((resolve) => replies.push(resolve)),
    );
    for (const url of ['/articles', '/articles/1', '/other']) await ask(app, url);
    const slow = ask(app, '/articles/slow');
    await expect.poll(() => replies.length).toBe(1);
    expect(await app.routeCache.purge('/articles')).toBe(2);
    replies[0]?.('of before');
    expect(await slow).toMatchObject({ body: 'of before', cache: 'fwd=uri-miss' });
    for (const url of ['/articles', '/articles/1', '/other']) await ask(app, url);
    expect([articles.runs, article.runs, other.runs]).toEqual([2, 2, 1]);
    const again = ask(app, '/articles/slow');
    await expect.poll(() => replies.length).toBe(2);
    replies[1]?.('of after');
    expect(await again).toMatchObject({ body: 'of after', cache: 'fwd=uri-miss; stored' });
  });

  test('what failed for one is what those get who waited for it, and nobody later', async () => {
    const understudy = await start(options());
    const app = await cachedApp(understudy);
    let fail = (_error: Error): void => {};
    const failing = new Promise<string>((_resolve, reject) => {
      fail = reject;
    });
    let [arrived, runs] = [0, 0];
    app.addHook('onRequest', async () => {
      arrived++;
    });
    app.get('/fails', { config: { cache } }, () => (++runs === 1 ? failing : Promise.resolve('well')));
    const asked = Promise.all(Array.from({ length: 20 }, () => ask(app, '/fails')));
    // All have asked, and nobody waits for anything but the reply.
    const waiting = async () => (await understudy.ask({ type: 'cache.stats' })).waiting;
    await expect.poll(async () => [arrived, runs, await waiting()]).toEqual([20, 1, 0]);
    fail(Object.assign(new Error('of the handler'), { statusCode: 503 }));
    const seen = await asked;
    expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([503]));
    expect(seen.map((one) => one.cache).toSorted()).toEqual(
      [
        'fwd=uri-miss; detail=status',
        ...Array.from({ length: 19 }, () => 'fwd=uri-miss; collapsed'),
      ].toSorted(),
    );
    expect(runs).toBe(1);
    expect(await ask(app, '/fails')).toMatchObject({
      status: 200,
      body: 'well',
      cache: 'fwd=uri-miss; stored',
    });
  });
});

test('a failure that must not be stored says nothing of the replies after it', async () => {
  const app = await cachedApp(await start());
  let runs = 0;
  app.get('/page', { config: { cache } }, async (_request, reply) =>
    ++runs === 1 ? reply.code(500).header('cache-control', 'no-store').send('failed') : 'well',
  );
  expect((await ask(app, '/page')).cache).toBe('fwd=uri-miss; detail=no-store');
  expect((await ask(app, '/page')).cache).toBe('fwd=uri-miss; stored');
});

test('two applications on one Redis share replies and purges', async () => {
  const [here, there] = [
    await cachedApp(await start(redis.options)),
    await cachedApp(await start(redis.options)),
  ];
  const [one, other] = [counting(here, '/page'), counting(there, '/page')];
  await ask(here, '/page');
  expect((await ask(there, '/page')).cache).toBe('hit');
  await there.routeCache.purge('/page');
  await ask(here, '/page');
  expect([one.runs, other.runs]).toEqual([2, 0]);
});

test('Redis is killed: what was stored is answered from memory, what is new is stored', async () => {
  const understudy = await start({ redis: { url: redis.server.url }, deadline: 2_000 });
  const app = await cachedApp(understudy);
  const [before, during] = [counting(app, '/before'), counting(app, '/during')];
  await ask(app, '/before');
  await redis.server.kill();
  expect((await ask(app, '/before')).cache).toBe('hit');
  expect((await ask(app, '/during')).cache).toBe('fwd=uri-miss; stored');
  expect((await ask(app, '/during')).cache).toBe('hit');
  expect(await app.routeCache.purge('/before')).toBe(1);
  await redis.server.restart();
  await expect.poll(async () => (await understudy.health()).connected, { timeout: 15_000 }).toBe(true);
  await ask(app, '/before');
  expect([before.runs, during.runs]).toEqual([2, 1]);
});

describe('time', () => {
  async function timed() {
    const clock = new VirtualClock();
    const understudy = await createUnderstudy({ clock });
    onTestFinished(() => understudy.stop());
    return { clock, app: await cachedApp(understudy, { clock }) };
  }

  test('a reply has its age, and how long it has left, until it has none', async () => {
    const { clock, app } = await timed();
    const counter = counting(app, '/page');
    const date = new Date(clock.now()).toUTCString();
    expect((await ask(app, '/page')).headers).not.toHaveProperty('age');
    await clock.advance(20_400);
    const { headers } = await ask(app, '/page');
    expect(headers).toMatchObject({ age: '20', date, 'cache-status': 'understudy; hit; ttl=39' });
    await clock.advance(39_601);
    await ask(app, '/page');
    expect(counter.runs).toBe(2);
  });

  test('what the reply says of its life counts before what the route says', async () => {
    const { clock, app } = await timed();
    let runs = 0;
    app.get('/page', { config: { cache } }, async (_request, reply) =>
      reply.headers({ 'cache-control': 'max-age=60, s-maxage=10', age: '4' }).send(`${++runs}`),
    );
    await ask(app, '/page');
    await clock.advance(5_000);
    expect((await ask(app, '/page')).headers).toMatchObject({
      age: '9',
      'cache-status': 'understudy; hit; ttl=1',
    });
    await clock.advance(1_001);
    await ask(app, '/page');
    expect(runs).toBe(2);
  });
});

describe('what is told apart', () => {
  test('URLs with their queries, and hosts', async () => {
    const app = await cachedApp(await start());
    const counter = counting(app, '/page');
    const requests = [
      { url: '/page' },
      { url: '/page?a=1' },
      { url: '/page?a=2' },
      { url: '/page', headers: { host: 'evil' } },
    ];
    for (const request of [...requests, ...requests]) await ask(app, { method: 'GET', ...request });
    expect(counter.runs).toBe(requests.length);
  });

  test('URLs that are longer than a key, down to their last character', async () => {
    const app = await cachedApp(await start());
    const counter = counting(app, '/page');
    const long = `/page?${'x'.repeat(3_000)}`;
    const seen: string[] = [];
    for (const url of [`${long}1`, `${long}2`, `${long}1`]) seen.push((await ask(app, url)).cache);
    expect(seen).toEqual(['fwd=uri-miss; stored', 'fwd=uri-miss; stored', 'hit']);
    expect(counter.runs).toBe(2);
  });

  test('by a key of the route, what it says and nothing else', async () => {
    const app = await cachedApp(await start());
    const counter = counting(app, '/page', {
      key: ({ query }: { query: { id?: string } }) => `page/${query.id ?? 'none'}`,
    });
    for (const url of ['/page?id=1&utm=a', '/page?utm=b&id=1', '/page?id=2']) await ask(app, url);
    expect(counter.runs).toBe(2);
    expect(await app.routeCache.purge('page/1')).toBe(1);
  });

  test('the fields on which replies vary, which the reply then says', async () => {
    const app = await cachedApp(await start());
    const counter = counting(app, '/page', { vary: ['Accept-Language'] });
    const inLanguage = (language: string) =>
      ask(app, { method: 'GET', url: '/page', headers: { 'accept-language': language } });
    const seen = [await inLanguage('de'), await inLanguage('en'), await inLanguage('de')];
    expect(seen.map(({ body }) => JSON.parse(body))).toEqual([
      { run: 1, language: 'de' },
      { run: 2, language: 'en' },
      { run: 1, language: 'de' },
    ]);
    for (const { headers } of seen) expect(headers.vary).toBe('accept-language');
    expect(counter.runs).toBe(2);
  });

  test('a reply that varies on what is not in the key is not stored', async () => {
    const app = await cachedApp(await start());
    app.get('/page', { config: { cache } }, async ({ headers }, reply) =>
      reply.header('vary', 'Cookie').send(`${headers.cookie}`),
    );
    for (const cookie of ['a', 'b']) {
      const seen = await ask(app, { method: 'GET', url: '/page', headers: { cookie } });
      expect(seen).toMatchObject({ body: cookie, cache: 'fwd=uri-miss; detail=vary' });
    }
  });
});

describe('what must not be stored', () => {
  test.each<[string, Record<string, string>, string]>([
    ['no-store', { 'cache-control': 'no-store' }, 'no-store'],
    ['private', { 'cache-control': 'private, max-age=60' }, 'private'],
    ['a cookie', { 'set-cookie': 'session=1' }, 'set-cookie'],
  ])('%s of the handler', async (_what, headers, detail) => {
    const app = await cachedApp(await start());
    let runs = 0;
    app.get('/page', { config: { cache } }, async (_request, reply) =>
      reply.headers(headers).send(`${++runs}`),
    );
    expect(await ask(app, '/page')).toMatchObject({ body: '1', cache: `fwd=uri-miss; detail=${detail}` });
    expect(await ask(app, '/page')).toMatchObject({
      body: '2',
      headers,
      cache: `fwd=uri-miss; detail=${detail}`,
    });
  });

  test('a cookie that a hook sets when the handler has replied', async () => {
    const app = await cachedApp(await start());
    app.addHook('onSend', async (request, reply) => {
      if (request.headers.cookie === undefined) reply.header('set-cookie', 'visitor=1');
    });
    const counter = counting(app, '/page');
    expect((await ask(app, '/page')).cache).toBe('fwd=uri-miss; detail=set-cookie');
    const known = { method: 'GET', url: '/page', headers: { cookie: 'visitor=1' } } as const;
    expect((await ask(app, known)).cache).toBe('fwd=uri-miss; stored');
    // The content is that of another; the cookie is one's own.
    expect(await ask(app, '/page')).toMatchObject({ cache: 'hit', headers: { 'set-cookie': 'visitor=1' } });
    expect((await ask(app, known)).headers).not.toHaveProperty('set-cookie');
    expect(counter.runs).toBe(2);
  });

  test('replies to credentials, unless they say that they are for all; and those never mix with others', async () => {
    const app = await cachedApp(await start());
    let runs = 0;
    app.get('/mine', { config: { cache } }, async () => `${++runs}`);
    app.get('/ours', { config: { cache } }, async (_request, reply) =>
      reply.header('cache-control', 'public').send(`${++runs}`),
    );
    const authorization = 'Basic YTpi';
    const mine = { method: 'GET', url: '/mine', headers: { authorization } } as const;
    const ours = { method: 'GET', url: '/ours', headers: { authorization } } as const;
    expect([(await ask(app, mine)).body, (await ask(app, mine)).body]).toEqual(['1', '2']);
    expect((await ask(app, mine)).cache).toBe('fwd=uri-miss; detail=authorization');
    expect([
      (await ask(app, '/mine')).body,
      (await ask(app, '/mine')).body,
      (await ask(app, mine)).body,
    ]).toEqual(['4', '4', '5']);
    expect([
      (await ask(app, ours)).body,
      (await ask(app, ours)).body,
      (await ask(app, '/ours')).body,
    ]).toEqual(['6', '6', '7']);
  });

  test('replies to a request that says no-store', async () => {
    const app = await cachedApp(await start());
    const counter = counting(app, '/page');
    const request = { method: 'GET', url: '/page', headers: { 'cache-control': 'no-store' } } as const;
    expect((await ask(app, request)).cache).toBe('fwd=request');
    expect((await ask(app, '/page')).cache).toBe('fwd=uri-miss; stored');
    expect(counter.runs).toBe(2);
  });

  test('nobody waits for a reply that will not be stored, once that is known', async () => {
    const app = await cachedApp(await start());
    const replies: ((text: string) => void)[] = [];
    app.get('/page', { config: { cache } }, (_request, reply) => {
      reply.header('cache-control', 'private');
      return new Promise<string>((resolve) => replies.push(resolve));
    });
    const first = ask(app, '/page');
    await expect.poll(() => replies.length).toBe(1);
    replies[0]?.('first');
    await first;
    const later = [ask(app, '/page'), ask(app, '/page')];
    // Both handlers run, and neither has replied yet.
    await expect.poll(() => replies.length).toBe(3);
    for (const reply of replies) reply('later');
    expect((await Promise.all(later)).map(({ body }) => body)).toEqual(['later', 'later']);
  });
});

describe('what is passed through', () => {
  test('streams', async () => {
    const app = await cachedApp(await start());
    let runs = 0;
    app.get('/stream', { config: { cache } }, async () => Readable.from([`run ${++runs}, `, 'and more']));
    app.get('/web', { config: { cache } }, async () => new Response(`run ${++runs}`, { status: 203 }));
    expect(await ask(app, '/stream')).toMatchObject({
      body: 'run 1, and more',
      cache: 'fwd=uri-miss; detail=stream',
    });
    expect(await ask(app, '/stream')).toMatchObject({ body: 'run 2, and more' });
    expect(await ask(app, '/web')).toMatchObject({
      status: 203,
      body: 'run 3',
      cache: 'fwd=uri-miss; detail=stream',
    });
    expect(await ask(app, '/web')).toMatchObject({ status: 203, body: 'run 4' });
  });

  test('content above the bound, in bytes', async () => {
    const app = await cachedApp(await start(), { maxBody: 6 });
    app.get('/fits', { config: { cache } }, async () => '€€');
    app.get('/large', { config: { cache } }, async () => '€€.');
    expect((await ask(app, '/fits')).cache).toBe('fwd=uri-miss; stored');
    expect(await ask(app, '/large')).toMatchObject({ body: '€€.', cache: 'fwd=uri-miss; detail=too-large' });
  });

  test('content that fits the bound, but not what the system keeps', async () => {
    const app = await cachedApp(await start({ maxValueLength: 1_000 }));
    app.get('/large', { config: { cache } }, async () => 'x'.repeat(2_000));
    expect((await ask(app, '/large')).cache).toBe('fwd=uri-miss; detail=INVALID_VALUE');
    expect((await ask(app, '/large')).body).toHaveLength(2_000);
  });

  test('routes that say nothing of a cache, and other methods', async () => {
    const app = await cachedApp(await start());
    app.get('/plain', async () => 'plain');
    app.route({
      method: ['GET', 'POST'],
      url: '/both',
      config: { cache },
      handler: async ({ method }) => method,
    });
    expect(await ask(app, '/plain')).toMatchObject({ body: 'plain', cache: 'none' });
    expect((await ask(app, '/plain')).headers).not.toHaveProperty('etag');
    await ask(app, '/both');
    expect(await ask(app, { method: 'POST', url: '/both' })).toMatchObject({
      body: 'POST',
      cache: 'fwd=method',
    });
    expect(await ask(app, '/both')).toMatchObject({ body: 'GET', cache: 'hit' });
  });

  test('all, while the system cannot answer', async () => {
    const understudy: Understudy = await start();
    const app = await cachedApp(understudy);
    const counter = counting(app, '/page');
    await ask(app, '/page');
    await understudy.stop();
    expect(await ask(app, '/page')).toMatchObject({ status: 200, cache: 'fwd=bypass; detail=STOPPING' });
    expect(counter.runs).toBe(2);
  });

  test('what somebody else wrote at the key of a reply', async () => {
    const understudy = await start();
    const app = await cachedApp(understudy);
    const counter = counting(app, '/page');
    await ask(app, '/page');
    const [key = ''] = await understudy.cache.keys('route:');
    await understudy.cache.set(key, { status: 'odd', body: 1 });
    expect(await ask(app, '/page')).toMatchObject({ status: 200, cache: 'fwd=uri-miss' });
    expect(counter.runs).toBe(2);
  });
});

describe('what has not changed is not sent again', () => {
  test('a reply is tagged by its content, and 304 to who has it: on a miss as on a hit', async () => {
    const app = await cachedApp(await start());
    app.get('/page', { config: { cache } }, async (_request, reply) =>
      reply.header('x-more', '1').send({ a: 1 }),
    );
    const { headers } = await ask(app, '/page');
    const etag = String(headers.etag);
    expect(etag).toBe(`W/"${createHash('sha256').update('{"a":1}').digest('base64url')}"`);
    for (const url of ['/page', '/page?again']) {
      const seen = await ask(app, { method: 'GET', url, headers: { 'if-none-match': `"other", ${etag}` } });
      expect(seen).toMatchObject({ status: 304, body: '', headers: { etag, 'x-more': '1' } });
      expect(seen.headers).not.toHaveProperty('content-type');
      expect(seen.headers).not.toHaveProperty('content-length');
      expect(await ask(app, url)).toMatchObject({ status: 200, body: '{"a":1}', cache: 'hit' });
    }
  });

  test.each([
    ['*', 304],
    ['"mine"', 304],
    ['W/"mine"', 304],
    ['"a", "mine"', 304],
    ['"other"', 200],
    ['mine', 200],
  ])('with a tag of the handler, If-None-Match: %s is answered %i', async (given, status) => {
    const app = await cachedApp(await start());
    app.get('/page', { config: { cache } }, async (_request, reply) =>
      reply.header('etag', '"mine"').send('content'),
    );
    for (const _ of ['miss', 'hit']) {
      const seen = await ask(app, { method: 'GET', url: '/page', headers: { 'if-none-match': given } });
      expect([seen.status, seen.headers.etag]).toEqual([status, '"mine"']);
    }
  });
});

describe('HEAD', () => {
  test('is answered by what GET was answered with, without its content', async () => {
    const app = await cachedApp(await start());
    const counter = counting(app, '/page');
    const get = await ask(app, '/page');
    const head = await ask(app, { method: 'HEAD', url: '/page' });
    expect(head).toMatchObject({ status: 200, body: '', cache: 'hit' });
    for (const name of ['etag', 'content-type', 'content-length'])
      expect(head.headers[name]).toBe(get.headers[name]);
    const known = await ask(app, {
      method: 'HEAD',
      url: '/page',
      headers: { 'if-none-match': String(get.headers.etag) },
    });
    expect(known).toMatchObject({ status: 304, body: '' });
    expect(known.headers).not.toHaveProperty('content-length');
    expect(counter.runs).toBe(1);
  });

  test('is stored by itself, and is no answer to GET', async () => {
    const app = await cachedApp(await start());
    let runs = 0;
    app.head('/page', { config: { cache } }, async (_request, reply) => {
      runs++;
      return reply.header('content-length', '7').send();
    });
    app.get('/page', { config: { cache }, exposeHeadRoute: false }, async () => 'content');
    for (const expected of ['fwd=uri-miss; stored', 'hit']) {
      const head = await ask(app, { method: 'HEAD', url: '/page' });
      expect(head).toMatchObject({ cache: expected, headers: { 'content-length': '7' } });
    }
    expect(await ask(app, '/page')).toMatchObject({ body: 'content', cache: 'fwd=uri-miss; stored' });
    expect(runs).toBe(1);
  });

  test('can be left out', async () => {
    const app = await cachedApp(await start());
    const counter = counting(app, '/page', { methods: ['GET'] });
    await ask(app, '/page');
    expect((await ask(app, { method: 'HEAD', url: '/page' })).cache).toBe('fwd=method');
    expect(counter.runs).toBe(2);
  });
});

describe('hooks of others', () => {
  test('who is not let in is not answered from the cache', async () => {
    const app = await cachedApp(await start());
    const guard = async (request: { headers: Record<string, unknown> }): Promise<void> => {
      if (request.headers['x-key'] !== 'right') throw Object.assign(new Error('No'), { statusCode: 403 });
    };
    app.get('/page', { config: { cache }, preHandler: guard }, async () => 'content');
    const known = { method: 'GET', url: '/page', headers: { 'x-key': 'right' } } as const;
    await ask(app, known);
    expect((await ask(app, known)).cache).toBe('hit');
    expect((await ask(app, '/page')).status).toBe(403);
  });

  test('what a hook says of each reply is said anew, and what it makes of content is made anew', async () => {
    const app = await cachedApp(await start());
    let requests = 0;
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('x-request', String(++requests));
    });
    app.addHook('onSend', async (_request, _reply, payload) => `${payload} for ${requests}`);
    app.get('/page', { config: { cache } }, async () => 'content');
    const seen = [await ask(app, '/page'), await ask(app, '/page')];
    expect(seen.map(({ body, headers }) => [body, headers['x-request']])).toEqual([
      ['content for 1', '1'],
      ['content for 2', '2'],
    ]);
    expect(seen[1]?.cache).toBe('hit');
  });

  test('a serialiser that a hook gives each reply is not used for what was serialised', async () => {
    const app = await cachedApp(await start());
    app.addHook('onRequest', async (_request, reply) => {
      reply.serializer((payload) => `<${typeof payload}>`);
    });
    app.get('/page', { config: { cache } }, async (_request, reply) => reply.type('text/odd').send({ a: 1 }));
    expect([(await ask(app, '/page')).body, (await ask(app, '/page')).body]).toEqual([
      '<object>',
      '<object>',
    ]);
  });

  test('a hook that fails when the handler has replied keeps nobody waiting', async () => {
    const app = await cachedApp(await start());
    let failing = true;
    app.addHook('onSend', async (_request, reply) => {
      if (failing && reply.statusCode === 200) throw new Error('of the hook');
    });
    counting(app, '/page');
    expect((await ask(app, '/page')).status).toBe(500);
    failing = false;
    expect(await ask(app, '/page')).toMatchObject({ status: 200, cache: 'fwd=uri-miss; stored' });
  });
});

describe('a route that cannot be cached is refused when it is declared', () => {
  test.each<[string, object, string, string]>([
    ['no TTL', {}, 'INVALID_TTL', 'ttl: expected'],
    [
      'a misspelt option',
      { ttl: 1, varry: [] },
      'INVALID_OPTION',
      'varry: unknown option; expected one of ttl, key, vary, methods',
    ],
    [
      'a key that is no function',
      { ttl: 1, key: '/page' },
      'INVALID_OPTION',
      'cache.key: expected a function',
    ],
    [
      'a field that is none',
      { ttl: 1, vary: ['a b'] },
      'INVALID_OPTION',
      'cache.vary: expected names of header fields, got [a b]',
    ],
    [
      'a method that changes something',
      { ttl: 1, methods: ['POST'] },
      'INVALID_OPTION',
      'cache.methods: expected GET and HEAD, got [POST]',
    ],
  ])('%s', async (_what, config, code, message) => {
    const app = await cachedApp(await start());
    // @ts-expect-error Not all of these are options.
    const declare = () => app.get('/page', { config: { cache: config } }, async () => 1);
    expect(declare).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  test('one of another method', async () => {
    const app = await cachedApp(await start());
    expect(() => app.post('/page', { config: { cache } }, async () => 1)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: 'cache: expected a route for GET or HEAD, got POST',
      }),
    );
  });

  test('a key that is no text fails the request', async () => {
    const app = await cachedApp(await start());
    counting(app, '/page', { key: () => 7 });
    expect(await ask(app, '/page')).toMatchObject({
      status: 500,
      body: expect.stringContaining('cache.key: expected the function to return text'),
    });
  });
});

test.each<[string, object, string]>([
  ['a misspelt option', { prefix: 'a:' }, 'prefix: unknown option'],
  ['no prefix', { keyPrefix: '' }, 'keyPrefix: expected text of 1 to 64 characters'],
  ['a bound that is none', { maxBody: -1 }, 'maxBody: expected bytes'],
])('the plugin refuses %s', async (_what, options, message) => {
  await expect(cachedApp(await start(), options)).rejects.toThrow(message);
});
