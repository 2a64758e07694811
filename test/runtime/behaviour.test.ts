import { expect, test, vi } from 'vitest';
import { createActor } from 'xstate';
import { type Behaviour, DRAIN, logicOf, mailTo } from '../../src/runtime/behaviour.ts';
import { Envelope } from '../../src/runtime/envelope.ts';
import { settled } from '../../src/testing/settled.ts';

function running(behaviour: Behaviour) {
  const errors: unknown[] = [];
  const actor = createActor(logicOf(() => behaviour));
  actor.subscribe({ error: (error) => errors.push(error) });
  actor.start();
  const mail = mailTo(actor);
  const send = (type: string) => {
    const told = { resolve: vi.fn(), reject: vi.fn() };
    mail.send(new Envelope({ type }, undefined, told.resolve, told.reject));
    return told;
  };
  return { actor, send, errors };
}

test('an envelope is handled in the turn it is sent, without a new snapshot', () => {
  const { actor, send } = running({ receive: (envelope) => envelope.reply('handled') });
  const before = actor.getSnapshot();
  expect(send('a.b').resolve).toHaveBeenCalledWith('handled');
  expect(actor.getSnapshot()).toBe(before);
});

test('what it throws crashes it, and it releases what it holds, once', () => {
  const stop = vi.fn();
  const failure = new Error('boom');
  const { actor, send, errors } = running({
    receive: () => {
      throw failure;
    },
    stop,
  });
  send('a.b');
  expect([actor.getSnapshot().status, errors]).toEqual(['error', [failure]]);
  actor.stop();
  expect(stop).toHaveBeenCalledOnce();
});

test('an asynchronous handler that rejects crashes it too', async () => {
  const stop = vi.fn();
  const failure = new Error('late');
  const { actor, send, errors } = running({
    receive: async () => {
      await Promise.resolve();
      throw failure;
    },
    stop,
  });
  send('a.b');
  expect(actor.getSnapshot().status).toBe('active');
  await settled();
  expect([actor.getSnapshot().status, errors]).toEqual(['error', [failure]]);
  expect(stop).toHaveBeenCalledOnce();
});

test('an asynchronous handler that rejects after the stop disturbs nobody', async () => {
  const { actor, send, errors } = running({ receive: () => Promise.reject(new Error('too late')) });
  send('a.b');
  actor.stop();
  await settled();
  expect([actor.getSnapshot().status, errors]).toEqual(['stopped', []]);
});

test('a start that throws is a crash', () => {
  const failure = new Error('no start');
  const errors: unknown[] = [];
  const actor = createActor(
    logicOf(() => {
      throw failure;
    }),
  );
  actor.subscribe({ error: (error) => errors.push(error) });
  actor.start();
  expect([actor.getSnapshot().status, errors]).toEqual(['error', [failure]]);
});

test('what it sends itself is handled after what it is at, in order', () => {
  const order: string[] = [];
  const { send } = running({
    receive: ({ type }) => {
      order.push(`${type} begins`);
      if (type === 'a.first') for (const next of ['a.second', 'a.third']) send(next);
      order.push(`${type} ends`);
    },
  });
  send('a.first');
  expect(order).toEqual([
    'a.first begins',
    'a.first ends',
    'a.second begins',
    'a.second ends',
    'a.third begins',
    'a.third ends',
  ]);
});

test('when it crashes, what it sent itself before is not handled any more', () => {
  const receive = vi.fn(({ type }: Envelope) => {
    if (type !== 'a.first') return;
    send('a.second');
    throw new Error('boom');
  });
  const { actor, send } = running({ receive });
  send('a.first');
  expect(actor.getSnapshot().status).toBe('error');
  expect(receive).toHaveBeenCalledOnce();
});

test('what throws after the stop that it asked for itself disturbs nobody', () => {
  const { actor, send, errors } = running({
    receive: () => {
      actor.stop();
      throw new Error('too late');
    },
  });
  send('a.b');
  expect([actor.getSnapshot().status, errors]).toEqual(['stopped', []]);
});

test('stop releases what it holds, once, and nothing is handled after it', () => {
  const stop = vi.fn();
  const receive = vi.fn();
  const { actor, send } = running({ receive, stop });
  actor.stop();
  send('a.b');
  expect([stop.mock.calls.length, receive.mock.calls.length]).toEqual([1, 0]);
  expect(actor.getSnapshot().status).toBe('stopped');
});

test('the crash is the news, not that it could not release what it held', () => {
  const failure = new Error('boom');
  const { send, errors } = running({
    receive: () => {
      throw failure;
    },
    stop: () => {
      throw new Error('nor this');
    },
  });
  send('a.b');
  expect(errors).toEqual([failure]);
});

test('asked to drain it answers when its promise is kept, and at once when it has nothing to finish', async () => {
  let finish = (): void => {};
  const slow = running({ receive: () => {}, drain: () => new Promise((resolve) => (finish = resolve)) });
  const drained = slow.send(DRAIN);
  await settled();
  expect(drained.resolve).not.toHaveBeenCalled();
  finish();
  await settled();
  expect(drained.resolve).toHaveBeenCalledOnce();

  const idle = running({ receive: vi.fn() }).send(DRAIN);
  await settled();
  expect(idle.resolve).toHaveBeenCalledOnce();
});

test.each([
  [
    'throws',
    () => {
      throw new Error('no');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no'))],
])('a drain that %s is told, and is no crash', async (_name, drain) => {
  const { actor, send } = running({ receive: () => {}, drain });
  const drained = send(DRAIN);
  await settled();
  expect(drained.reject.mock.calls[0]?.[0]).toMatchObject({ code: 'INTERNAL' });
  expect(actor.getSnapshot().status).toBe('active');
});
