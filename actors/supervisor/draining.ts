import type { Child } from './child.ts';
import { draining } from './endings.ts';

/** Who is told how the draining goes on, unless it is over before. */
export interface DrainListener {
  /** The supervisor was stopped meanwhile, and its children with it. */
  readonly over: () => boolean;
  readonly drained: (id: string) => void;
  readonly allDrained: () => void;
}

/** Drains one child after the other, the last started first, each within its shutdown time. */
export async function drainInReverse(children: readonly Child[], listener: DrainListener): Promise<void> {
  for (const child of children.toReversed()) {
    child.ref.close(draining(child.spec.id));
    await child.ref.drain(child.state === 'up' ? child.shutdown : 0);
    if (listener.over()) return;
    listener.drained(child.spec.id);
  }
  listener.allDrained();
}
