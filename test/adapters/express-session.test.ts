import session, { type SessionData } from 'express-session';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type SessionStore, sessionStore } from '../../src/adapters/express-session.ts';
import { createUnderstudy } from '../../src/index.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { SuiteRedis, understudies } from '../cache/systems.ts';
import { expressApp } from './express-app.ts';

const redis = new SuiteRedis();
const start = understudies();

/** A method of the store as a promise of what it calls back with. */
function called<T>(call: (callback: (error: unknown, value?: T) => void) => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error === null || error === undefined ? resolve(value) : reject(error)));
  });
}

const read = (store: SessionStore, id: string) => called<SessionData | null>((done) => store.get(id, done));
const write = (store: SessionStore, id: string, data: SessionData) =>
  called((done) => store.set(id, data, done));

function data(cookie: object, more: Partial<SessionData> = {}): SessionData {
  return { ...more, cookie: Object.assign(new session.Cookie(), cookie) };
}

describe.each([
  ['memory only', () => ({})],
  ['with Redis', () => redis.options],
] as const)('%s', (_name, options) => {
  describe('over HTTP', () => {
    test('who logs in is known until logging out, and is given a new session', async () => {
      const { browser } = await expressApp(sessionStore(session, await start(options())));
      const ada = browser();
      expect((await ada.me()).user).toBeNull();
      expect(await ada.post('/visit')).toBe(204);
      const before = await ada.me();
      expect(await ada.post('/login/ada')).toBe(204);
      const after = await ada.me();
      expect(after).toEqual({ user: 'ada', id: expect.any(String), visits: 0 });
      expect(after.id).not.toBe(before.id);
      const stolen = browser(ada.cookie);
      expect((await stolen.me()).user).toBe('ada');
      expect(await ada.post('/logout')).toBe(204);
      expect((await ada.me()).user).toBeNull();
      expect((await stolen.me()).user).toBeNull();
    });

    test('sessions are kept apart', async () => {
      const { browser } = await expressApp(sessionStore(session, await start(options())));
      const names = ['ada', 'grace', 'edsger'];
      const users = names.map(() => browser());
      await Promise.all(users.map((user, at) => user.post(`/login/${names[at]}`)));
      expect((await Promise.all(users.map((user) => user.me()))).map(({ user }) => user)).toEqual(names);
    });

    test('a session that is destroyed while a request reads it stays destroyed', async () => {
      const store = sessionStore(session, await start(options()));
      const { browser } = await expressApp(store);
      const ada = browser();
      await ada.post('/login/ada');
      const { id } = await ada.me();
      // As the end of the request would: it touches what it had read.
      const seen = await read(store, id);
      await ada.post('/logout');
      await called((done) => store.touch(id, seen ?? data({}), done));
      expect((await ada.me()).user).toBeNull();
      expect(await read(store, id)).toBeNull();
    });
  });

  describe('the contract of stores', () => {
    test('it is a Store of express-session, with all methods that there are', async () => {
      const store = sessionStore(session, await start(options()));
      expect(store).toBeInstanceOf(session.Store);
      for (const method of ['get', 'set', 'destroy', 'touch', 'all', 'length', 'clear'] as const) {
        expect(store[method]).toBeTypeOf('function');
      }
    });

    test('get: the session as it was set, or null', async () => {
      const store = sessionStore(session, await start(options()));
      expect(await read(store, 'a')).toBeNull();
      const expires = new Date(Date.now() + 60_000);
      await write(store, 'a', data({ expires }, { user: 'ada' }));
      const cookie = {
        originalMaxAge: expect.any(Number),
        expires: expires.toJSON(),
        httpOnly: true,
        path: '/',
      };
      expect(await read(store, 'a')).toEqual({ user: 'ada', cookie });
      await write(store, 'a', data({ expires }, { user: 'grace' }));
      expect(await read(store, 'a')).toMatchObject({ user: 'grace' });
    });

    test('destroy, and what is not there is destroyed without an error', async () => {
      const store = sessionStore(session, await start(options()));
      await write(store, 'a', data({}));
      await called((done) => store.destroy('a', done));
      await called((done) => store.destroy('a', done));
      expect(await read(store, 'a')).toBeNull();
    });

    test('load makes it a Session, whose cookie has dates again', async () => {
      const store = sessionStore(session, await start(options()));
      await write(store, 'a', data({ maxAge: 60_000 }, { user: 'ada' }));
      const loaded = await called<SessionData>((done) => store.load('a', done));
      expect(loaded).toBeInstanceOf(session.Session);
      expect(loaded?.cookie.expires).toBeInstanceOf(Date);
    });

    test('all, length and clear are about the sessions of the prefix, and about no other key', async () => {
      const understudy = await start(options());
      const store = sessionStore(session, understudy, { prefix: 'app:' });
      const other = sessionStore(session, understudy, { prefix: 'admin:' });
      await understudy.cache.set('application', 1);
      await write(other, 'a', data({}, { user: 'root' }));
      const names = Array.from({ length: 150 }, (_, at) => `user ${at}`);
      await Promise.all(names.map((user, at) => write(store, `id-${at}`, data({}, { user }))));
      expect(await called<number>((done) => store.length(done))).toBe(150);
      const all = await called<readonly { id: string; user?: string }[]>((done) => store.all(done));
      expect(all?.map(({ id, user }) => [id, user]).toSorted()).toEqual(
        names.map((user, at) => [`id-${at}`, user]).toSorted(),
      );
      await called((done) => store.clear(done));
      expect(await called<number>((done) => store.length(done))).toBe(0);
      expect(await called((done) => store.all(done))).toEqual([]);
      expect(await read(other, 'a')).toMatchObject({ user: 'root' });
      expect(await understudy.cache.get('application')).toBe(1);
    });

    test('callbacks may be left out, and what one throws is its own affair', async () => {
      const store = sessionStore(session, await start(options()));
      store.set('a', data({}, { user: 'ada' }));
      store.touch('a', data({}));
      await expect.poll(() => read(store, 'a')).toMatchObject({ user: 'ada' });
      const thrown = new Promise<unknown>((resolve) => {
        const others = process.listeners('uncaughtException');
        process.removeAllListeners('uncaughtException');
        process.once('uncaughtException', resolve);
        onTestFinished(() => {
          for (const listener of others) process.on('uncaughtException', listener);
        });
      });
      let calls = 0;
      store.get('a', () => {
        calls++;
        throw new Error('of the host');
      });
      expect(await thrown).toMatchObject({ message: 'of the host' });
      expect(calls).toBe(1);
      store.destroy('a');
      store.clear();
      await expect.poll(() => read(store, 'a')).toBeNull();
    });

    test('a value that is no session is none', async () => {
      const understudy = await start(options());
      const store = sessionStore(session, understudy);
      await understudy.cache.setMany([
        ['session:text', 'text'],
        ['session:null', null],
        ['session:bare', { user: 'ada' }],
      ]);
      expect(await Promise.all(['text', 'null', 'bare'].map((id) => read(store, id)))).toEqual([
        null,
        null,
        null,
      ]);
      expect(await called((done) => store.all(done))).toEqual([]);
    });

    test('what cannot be stored is told to the callback', async () => {
      const store = sessionStore(session, await start(options()));
      await expect(read(store, 'x'.repeat(2_000))).rejects.toMatchObject({ code: 'INVALID_KEY' });
      const cyclic: { self?: unknown } = {};
      cyclic.self = cyclic;
      const broken = Object.assign(data({}), { cyclic });
      await expect(write(store, 'a', broken)).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    });
  });
});

describe('how long a session lives', () => {
  /** A store on virtual time. */
  async function timed(options: { ttl?: string } = {}) {
    const clock = new VirtualClock();
    const understudy = await createUnderstudy({ clock });
    onTestFinished(() => understudy.stop());
    return { clock, store: sessionStore(session, understudy, options) };
  }

  test('as long as its cookie', async () => {
    const { clock, store } = await timed({ ttl: '1s' });
    await write(store, 'a', data({ maxAge: 60_000 }));
    await write(store, 'b', data({ expires: new Date(Date.now() + 60_000) }));
    await clock.advance(50_000);
    expect([await read(store, 'a'), await read(store, 'b')]).toEqual([expect.anything(), expect.anything()]);
    await clock.advance(10_001);
    expect([await read(store, 'a'), await read(store, 'b')]).toEqual([null, null]);
  });

  test.each([
    ['has no end', {}],
    ['says that it has none', { expires: false }],
    ['ends at no time that there is', { expires: new Date(Number.NaN) }],
  ])('as long as the option says when the cookie %s', async (_what, cookie) => {
    const { clock, store } = await timed({ ttl: '1m' });
    await write(store, 'a', data(cookie));
    await clock.advance(59_000);
    expect(await read(store, 'a')).not.toBeNull();
    await clock.advance(1_001);
    expect(await read(store, 'a')).toBeNull();
  });

  test('a day when neither says', async () => {
    const { clock, store } = await timed();
    await write(store, 'a', data({}));
    await clock.advance(86_399_000);
    expect(await read(store, 'a')).not.toBeNull();
    await clock.advance(1_001);
    expect(await read(store, 'a')).toBeNull();
  });

  test('of one that came out of the store, by the end that is text there', async () => {
    const { clock, store } = await timed();
    await write(store, 'a', data({ maxAge: 60_000 }));
    const seen = await read(store, 'a');
    await clock.advance(30_000);
    await write(store, 'a', seen ?? data({}));
    await clock.advance(59_000);
    expect(await read(store, 'a')).not.toBeNull();
    await clock.advance(1_001);
    expect(await read(store, 'a')).toBeNull();
  });

  test('one whose end is farther than can be kept lives as long as can be', async () => {
    const { store } = await timed();
    await write(store, 'a', data({ maxAge: 100 * 365 * 86_400_000 }));
    expect(await read(store, 'a')).not.toBeNull();
  });

  test('set or touched with an end that has passed, it is gone', async () => {
    const { store } = await timed();
    const ended = data({ expires: new Date(Date.now() - 1) });
    for (const change of ['set', 'touch'] as const) {
      await write(store, 'a', data({ maxAge: 60_000 }));
      await called((done) => store[change]('a', ended, done));
      expect(await read(store, 'a')).toBeNull();
    }
  });

  test('a touch moves the end', async () => {
    const { clock, store } = await timed();
    await write(store, 'a', data({ maxAge: 60_000 }, { user: 'ada' }));
    for (let times = 0; times < 5; times++) {
      await clock.advance(50_000);
      await called((done) => store.touch('a', data({ maxAge: 60_000 }), done));
    }
    expect(await read(store, 'a')).toMatchObject({ user: 'ada' });
    await clock.advance(60_001);
    expect(await read(store, 'a')).toBeNull();
    await called((done) => store.touch('a', data({ maxAge: 60_000 }), done));
    expect(await read(store, 'a')).toBeNull();
  });

  test('over HTTP: requests keep it alive, silence ends it', async () => {
    const { clock, store } = await timed();
    const { browser } = await expressApp(store, { rolling: true, cookie: { maxAge: 60_000 } });
    const ada = browser();
    await ada.post('/login/ada');
    for (let times = 0; times < 4; times++) {
      await clock.advance(50_000);
      expect((await ada.me()).user).toBe('ada');
    }
    await clock.advance(60_001);
    expect((await ada.me()).user).toBeNull();
  });
});

describe('in Redis', () => {
  test('a session ends with its cookie', async () => {
    const { browser } = await expressApp(sessionStore(session, await start(redis.options)), {
      cookie: { maxAge: 60_000 },
    });
    const ada = browser();
    await ada.post('/login/ada');
    const key = `session:${(await ada.me()).id}`;
    expect(await redis.pttl(key)).toBeGreaterThan(30_000);
    expect(await redis.pttl(key)).toBeLessThanOrEqual(60_000);
    await redis.call('PEXPIRE', `understudy:${key}`, 1);
    // A request before would have touched it.
    await expect.poll(() => redis.call('EXISTS', `understudy:${key}`)).toBe(0);
    expect((await ada.me()).user).toBeNull();
  });

  test('a touch moves its end and writes nothing else', async () => {
    const store = sessionStore(session, await start(redis.options));
    const { browser } = await expressApp(store, { cookie: { maxAge: 1_000_000 } });
    const ada = browser();
    await ada.post('/login/ada');
    const key = `session:${(await ada.me()).id}`;
    const stored = async () => JSON.parse(String(await redis.call('GET', `understudy:${key}`)));
    const before = await stored();
    await redis.call('PEXPIRE', `understudy:${key}`, 5_000);
    await ada.me();
    const after = await stored();
    expect(await redis.pttl(key)).toBeGreaterThan(900_000);
    // The session itself, with the end that its cookie had when it was written, and the version of that.
    expect(after).toEqual({ ...before, fresh: expect.any(Number) });
  });

  test('two systems share sessions, their changes and their ends', async () => {
    const [here, there] = await Promise.all(
      [1, 2].map(async () => expressApp(sessionStore(session, await start(redis.options)))),
    );
    const ada = here?.browser();
    await ada?.post('/login/ada');
    const same = there?.browser(ada?.cookie);
    expect((await same?.me())?.user).toBe('ada');
    await same?.post('/visit');
    await ada?.post('/visit');
    expect((await ada?.me())?.visits).toBe(2);
    await same?.post('/logout');
    expect((await ada?.me())?.user).toBeNull();
  });
});

describe('bad options are refused at once', () => {
  test.each<[string, object, string, string]>([
    [
      'a misspelt option',
      { prefx: 'a:' },
      'INVALID_OPTION',
      'prefx: unknown option; expected one of prefix, ttl',
    ],
    [
      'no prefix, as all keys would be sessions',
      { prefix: '' },
      'INVALID_OPTION',
      'prefix: expected text that is not empty',
    ],
    ['a TTL that is none', { ttl: 'soon' }, 'INVALID_TTL', `got "soon"`],
  ])('%s', async (_what, options, code, message) => {
    const understudy = await start();
    expect(() => sessionStore(session, understudy, options)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  test('something that is not express-session', async () => {
    const understudy = await start();
    // @ts-expect-error It has no Store.
    expect(() => sessionStore({}, understudy)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
