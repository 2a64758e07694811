import { describe, expect, it } from 'vitest';
import { UnderstudyError } from '../../src/runtime/errors.ts';
import { describeError } from '../../src/telemetry/describe-error.ts';

const SECRET = 'canary-in-an-error';

/** An error as ioredis throws it: the command hangs on it, with all its arguments. */
function replyError(message: string): Error {
  const error = new Error(message);
  error.name = 'ReplyError';
  return Object.assign(error, { command: { name: 'auth', args: ['default', SECRET] } });
}

function parseFailure(): unknown {
  try {
    return JSON.parse(`{"a": ${SECRET}}`);
  } catch (error) {
    return error;
  }
}

describe('the description of an error', () => {
  it('tells name, code, message and where it was thrown', () => {
    const error = Object.assign(new TypeError('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    const described = describeError(error);
    expect(described).toMatchObject({
      name: 'TypeError',
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 127.0.0.1:1',
    });
    expect(described.stack).toMatch(/^ {4}at .*describe-error\.test\.ts/);
  });

  it('keeps its own messages whole', () => {
    const message = "ttl: expected a string like '5m', got a string of 3 characters";
    expect(describeError(new UnderstudyError('INVALID_TTL', message)).message).toBe(message);
  });

  it.each([
    [
      'what a library hung on it',
      replyError('WRONGPASS invalid username-password pair or user is disabled.'),
    ],
    [
      'what a server quotes',
      replyError(`ERR unknown command \`get\`, with args beginning with: \`${SECRET}\``),
    ],
    ['what the engine quotes of what it parsed', parseFailure()],
    [
      'what the engine quotes of a property',
      new TypeError(`Cannot read properties of null (reading '${SECRET}')`),
    ],
    ['credentials in an address', new Error(`connect failed: redis://user:${SECRET}@host:6379/0`)],
    ['what was thrown that is no error', SECRET],
    ['a name that is none', Object.assign(new Error('x'), { name: `a ${SECRET} "name"` })],
    ['a code that is none', Object.assign(new Error('x'), { code: `ERR ${SECRET}` })],
    ['its cause', new Error('outer', { cause: replyError(`ERR "${SECRET}"`) })],
    ['any of several', new AggregateError([replyError(`ERR '${SECRET}'`), SECRET], 'several')],
    ['a message of many lines', new Error(`first "${SECRET}"\n    at ${SECRET} (file.js:1:1)`)],
  ])('leaves out %s', (_what, error) => {
    expect(JSON.stringify(describeError(error))).not.toContain(SECRET);
  });

  it('leaves an apostrophe within a word alone', () => {
    const message = "Stream isn't writeable and enableOfflineQueue options is false";
    expect(describeError(new Error(message)).message).toBe(message);
  });

  it('follows causes, and errors of errors, down to a depth', () => {
    let error = new Error('level 0');
    for (let level = 1; level < 10; level++) error = new Error(`level ${level}`, { cause: error });
    const messages: string[] = [];
    for (let at = describeError(error); ; at = at.cause) {
      messages.push(at.message);
      if (at.cause === undefined) break;
    }
    expect(messages).toEqual(['level 9', 'level 8', 'level 7', 'level 6']);

    const several = new AggregateError([new Error('one'), new Error('two')], 'both');
    expect(describeError(several).errors).toMatchObject([{ message: 'one' }, { message: 'two' }]);
  });

  it('ends with an error that is its own cause', () => {
    const error = new Error('round');
    error.cause = error;
    expect(describeError(error)).toMatchObject({ message: 'round', cause: { message: 'round' } });
  });

  it('survives an error that throws when it is read', () => {
    const hostile = Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error(SECRET);
      },
    });
    expect(describeError(hostile)).toEqual({
      name: 'Error',
      message: 'an error that throws when it is read',
    });
  });

  it('is short, however long the message is', () => {
    expect(describeError(new Error('x'.repeat(10_000))).message).toHaveLength(201);
  });
});
