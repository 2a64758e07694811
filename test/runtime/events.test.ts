import { expect, test, vi } from 'vitest';
import { DeadLetters } from '../../src/runtime/dead-letters.ts';
import { EventBus, type SystemEvent } from '../../src/runtime/events.ts';

const EVENT: SystemEvent = { type: 'system.changed', state: 'running' };

test('a listener that throws is reported and disturbs neither the others nor the publisher', () => {
  const failure = new Error('bad listener');
  const onError = vi.fn();
  const bus = new EventBus(onError);
  const heard: string[] = [];
  bus.subscribe(() => heard.push('first'));
  bus.subscribe(() => {
    throw failure;
  });
  bus.subscribe(() => heard.push('last'));
  bus.publish(EVENT);
  bus.publish(EVENT);
  expect(heard).toEqual(['first', 'last', 'first', 'last']);
  expect(onError.mock.calls).toEqual([[failure], [failure]]);
});

test('who ended a subscription hears nothing more, also when that was in the middle of an event', () => {
  const bus = new EventBus(() => {});
  const heard: string[] = [];
  const endSecond = (): void => end();
  bus.subscribe(() => {
    heard.push('first');
    endSecond();
  });
  const end = bus.subscribe(() => heard.push('second'));
  bus.publish(EVENT);
  end();
  bus.publish(EVENT);
  expect(heard).toEqual(['first', 'first']);
});

test('an event is heard as it is, by those who listen at the time', () => {
  const bus = new EventBus(() => {});
  const listener = vi.fn();
  bus.publish(EVENT);
  bus.subscribe(listener);
  bus.publish(EVENT);
  expect(listener.mock.calls).toEqual([[EVENT]]);
});

test('dead letters are counted and told, without their content', () => {
  const told: object[] = [];
  const letters = new DeadLetters((letter) => told.push(letter));
  letters.add('cache', 'cache.set', 'OVERLOADED');
  letters.add('cache', 'cache.get', 'STOPPING');
  expect(letters.count).toBe(2);
  expect(told[0]).toEqual({ actor: 'cache', messageType: 'cache.set', reason: 'OVERLOADED' });
});
