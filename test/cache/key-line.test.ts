import { expect, test } from 'vitest';
import { KeyLine } from '../../actors/cache/key-line.ts';
import { Envelope } from '../../src/runtime/envelope.ts';
import { UnderstudyError } from '../../src/runtime/errors.ts';

interface Asked {
  readonly envelope: Envelope;
  readonly failed: unknown[];
}

function ask(): Asked {
  const failed: unknown[] = [];
  const envelope = new Envelope(
    { type: 'x' },
    undefined,
    () => {},
    (error) => failed.push(error),
  );
  return { envelope, failed };
}

function lineWith(crashes: unknown[] = []): KeyLine {
  return new KeyLine((error) => crashes.push(error));
}

test('with nothing to wait for it is a turn at once', () => {
  const line = lineWith();
  const turns: unknown[] = [];
  line.pass(ask().envelope, 'a', 1, (ready) => turns.push(ready));
  line.passAll(ask().envelope, ['a', 'b'], [1, 2], (ready) => turns.push(ready));
  expect(turns).toEqual([1, [1, 2]]);
  expect([line.busy, line.holds(ask().envelope, ['a'], () => {})]).toEqual([false, false]);
});

test('the turns at a key are in the order in which they were asked for, at others they wait for nothing', async () => {
  const line = lineWith();
  const turns: string[] = [];
  const slow = Promise.withResolvers<string>();
  line.pass(ask().envelope, 'a', slow.promise, (ready) => turns.push(ready));
  line.pass(ask().envelope, 'a', Promise.resolve('second'), (ready) => turns.push(ready));
  expect(line.holds(ask().envelope, ['b', 'a'], () => turns.push('third'))).toBe(true);
  expect(line.holds(ask().envelope, ['b'], () => turns.push('behind the third'))).toBe(true);
  expect(line.holds(ask().envelope, ['c'], () => {})).toBe(false);
  line.pass(ask().envelope, 'c', 'elsewhere', (ready) => turns.push(ready));
  await Promise.resolve();
  slow.resolve('first');
  await line.idle();
  expect(turns).toEqual(['elsewhere', 'first', 'second', 'third', 'behind the third']);
  expect([line.busy, line.holds(ask().envelope, ['a'], () => {})]).toEqual([false, false]);
});

test('what concerns every key waits for all, and all wait for it', async () => {
  const line = lineWith();
  const turns: string[] = [];
  const slow = Promise.withResolvers<string>();
  line.pass(ask().envelope, 'a', slow.promise, (ready) => turns.push(ready));
  expect(line.holds(ask().envelope, undefined, () => turns.push('all'))).toBe(true);
  line.pass(ask().envelope, 'b', 'after all', (ready) => turns.push(ready));
  slow.resolve('first');
  await line.idle();
  expect(turns).toEqual(['first', 'all', 'after all']);
});

test('what cannot be made ready, or is refused, fails for its own caller, and the next has its turn', async () => {
  const crashes: unknown[] = [];
  const line = lineWith(crashes);
  const turns: string[] = [];
  const [broken, refused, defect] = [ask(), ask(), ask()];
  const refusal = new UnderstudyError('INVALID_MESSAGE', 'no');
  line.pass(broken.envelope, 'a', Promise.reject(new Error('broken')), () => turns.push('never'));
  line.pass(refused.envelope, 'a', 1, () => {
    throw refusal;
  });
  line.pass(defect.envelope, 'a', 1, () => {
    throw new Error('defect');
  });
  line.pass(ask().envelope, 'a', 1, () => turns.push('last'));
  await line.idle();
  expect(turns).toEqual(['last']);
  expect(broken.failed).toEqual([new Error('broken')]);
  expect(refused.failed).toEqual([refusal]);
  expect([defect.failed, crashes]).toEqual([[], [new Error('defect')]]);
});

test('who was answered meanwhile has no turn, nor has anybody once it is stopped', async () => {
  const line = lineWith();
  const turns: string[] = [];
  const [late, other] = [ask(), ask()];
  line.pass(late.envelope, 'a', Promise.resolve(1), () => turns.push('late'));
  line.pass(other.envelope, 'a', Promise.resolve(1), () => turns.push('in time'));
  late.envelope.fail(new Error('too late'));
  await line.idle();
  expect(turns).toEqual(['in time']);
  line.pass(ask().envelope, 'a', Promise.resolve(1), () => turns.push('stopped'));
  line.stop();
  await line.idle();
  expect(turns).toEqual(['in time']);
});
