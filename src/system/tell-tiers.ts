import type { EventBus } from '../runtime/events.ts';
import type { KeyEventBus, KeyEvents } from '../runtime/key-events.ts';

type Tier = KeyEvents['tier']['tier'];

/** Tells who listens to the cache what becomes of the circuit breaker, and of the tiers behind memory. */
export function tellTiers(events: EventBus, keyEvents: KeyEventBus): void {
  // They are not there until they have answered.
  const known = new Map<Tier, boolean>([
    ['redis', false],
    ['postgres', false],
  ]);
  const turned = (tier: Tier, up: boolean, reason: string): void => {
    if (known.get(tier) === up) return;
    known.set(tier, up);
    if (keyEvents.active) keyEvents.emit('tier', { tier, up, reason });
  };
  events.subscribe((event) => {
    if (event.type === 'journal.store') turned('durable', event.up, event.reason);
    if (event.type === 'archive.changed' && event.state !== 'half-open')
      turned('postgres', event.state === 'closed', event.reason);
    if (event.type !== 'breaker.changed') return;
    const { state, reason } = event;
    if (keyEvents.active) keyEvents.emit('breaker', { state, reason });
    // Half open it is being tried, and serves nobody.
    if (state !== 'half-open') turned('redis', state === 'closed', reason);
  });
}
