import type { AnyActorLogic, AnyActorRef } from 'xstate';

/**
 * The same logic, taking its own children with it when it crashes: xstate leaves those of a machine that throws in a
 * transition running, with all that they hold. `onCrash` is called before they end.
 */
export function endingWhole(logic: AnyActorLogic, onCrash: () => void = () => {}): AnyActorLogic {
  const whole: AnyActorLogic = Object.create(logic);
  whole.transition = (snapshot, event, scope) => {
    try {
      return logic.transition(snapshot, event, scope);
    } catch (error) {
      onCrash();
      for (const child of childrenIn(snapshot)) child.send({ type: 'xstate.stop' });
      throw error;
    }
  };
  return whole;
}

function childrenIn(snapshot: object): AnyActorRef[] {
  if (!('children' in snapshot) || typeof snapshot.children !== 'object') return [];
  return Object.values(snapshot.children ?? {});
}
