import { expect, test, vi } from 'vitest';
import { Envelope } from '../../src/runtime/envelope.ts';

function watched() {
  const resolve = vi.fn();
  const reject = vi.fn();
  const settled = vi.fn();
  const end = vi.fn();
  const envelope = new Envelope({ type: 'a.b', body: 1 }, undefined, resolve, reject);
  envelope.custodian = { settled };
  envelope.span = { end };
  return { envelope, resolve, reject, settled, end };
}

test.each([
  ['reply', (envelope: Envelope) => envelope.reply('first'), 'resolve'],
  ['failure', (envelope: Envelope) => envelope.fail('first'), 'reject'],
  ['deadline', (envelope: Envelope) => envelope.expire(), 'reject'],
] as const)('an envelope is settled once: after a %s nothing else counts', (_name, settle, how) => {
  const { envelope, settled, end, ...told } = watched();
  expect(envelope.open).toBe(true);
  settle(envelope);
  envelope.reply('second');
  envelope.fail('second');
  envelope.expire();
  expect(told[how]).toHaveBeenCalledOnce();
  expect(told.resolve.mock.calls.length + told.reject.mock.calls.length).toBe(1);
  expect(settled).toHaveBeenCalledOnce();
  expect(end).toHaveBeenCalledOnce();
  expect(envelope.open).toBe(false);
});

test('a deadline is a typed error that names the message', () => {
  const { envelope, reject } = watched();
  envelope.expire();
  expect(reject.mock.calls[0]?.[0]).toMatchObject({
    code: 'DEADLINE_EXCEEDED',
    message: expect.stringContaining('a.b'),
  });
});

test('who knows a better answer to a deadline gives it', () => {
  const { envelope, resolve, reject } = watched();
  envelope.lateness = { late: () => envelope.reply('stale') };
  envelope.expire();
  expect(resolve).toHaveBeenCalledWith('stale');
  expect(reject).not.toHaveBeenCalled();
});

test('a told envelope expects no reply, and replying to it does nothing', () => {
  const envelope = new Envelope({ type: 'a.b' }, undefined);
  expect([envelope.open, envelope.expectsReply]).toEqual([false, false]);
  envelope.reply(1);
  envelope.fail(new Error('nobody cares'));
  envelope.expire();
  expect(envelope.open).toBe(false);
});

test('each envelope has a correlation id of its own, later ones higher', () => {
  const ids = Array.from({ length: 100 }, () => new Envelope({ type: 'a.b' }, undefined).id);
  expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
});

test('undefined is a reply like any other', () => {
  const { envelope, resolve } = watched();
  envelope.reply(undefined);
  expect(resolve.mock.calls).toEqual([[undefined]]);
});
