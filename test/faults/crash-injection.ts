import { vi } from 'vitest';
import { Child } from '../../actors/supervisor/child.ts';
import type { ChildSpec } from '../../src/runtime/child-spec.ts';
import { Envelope } from '../../src/runtime/envelope.ts';

/** What an injected crash throws. */
export const INJECTED = 'injected crash';

const POISON = 'crash';

type Started = ReturnType<ChildSpec['start']>;

/**
 * Makes every actor that starts from now on throw at a poisoned message, whatever its kind, as a defect of its own would;
 * returns what sends that message. Restored with all mocks at the end of the test.
 */
export function injectCrashes(): (actor: string) => void {
  const children = new Map<string, Child>();
  const next = Child.prototype.next;
  vi.spyOn(Child.prototype, 'next').mockImplementation(function (this: Child, fail) {
    const { spec } = this;
    const start = spec.start;
    if (children.get(spec.id) !== this)
      vi.spyOn(spec, 'start').mockImplementation((context) => crashing(start.call(spec, context)));
    children.set(spec.id, this);
    return next.call(this, fail);
  });
  // To its ref: the doors of the system let no unknown message pass.
  return (actor) => children.get(actor)?.ref.send({ type: POISON });
}

function crashing(started: Started): Started {
  if ('receive' in started) {
    const receive = started.receive.bind(started);
    started.receive = (envelope) => {
      throwAt(envelope);
      receive(envelope);
    };
    return started;
  }
  const logic: typeof started = Object.create(started);
  logic.transition = (snapshot, event, scope) => {
    throwAt(event);
    return started.transition(snapshot, event, scope);
  };
  return logic;
}

function throwAt(event: object): void {
  if (event instanceof Envelope && event.type === POISON) throw new Error(INJECTED);
}
