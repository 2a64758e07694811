import { applied } from '../../tiers/applied.ts';
import type { Mark, Write } from '../../tiers/tier.ts';
import { marksIn } from '../../wire/marker.ts';
import { versionOf } from '../../wire/stored.ts';
import type { Ground } from './ground.ts';

/** Later than every version. */
const ALWAYS = '~';

/** Changes a marker, as the scripts do. */
export function mark({ keyspace, space }: Ground, write: Mark): void {
  const name = space.data(write.key);
  const before = keyspace.text(name);
  const left = keyspace.left(name) ?? 0;
  const { stored } = applied(before, write, keyspace.now());
  if (stored === undefined || (stored === before && left >= write.ttl)) return;
  keyspace.set(name, stored, Math.max(left, write.ttl));
}

/** Whether what a touch or an increment would build on is older than its marker allows. */
export function isBelow(
  { keyspace, space }: Ground,
  { guard, floor }: Extract<Write, { op: 'touch' | 'increment' }>,
  stored: string,
): boolean {
  if (guard === undefined) return versionOf(stored) < (floor ?? '');
  return versionOf(stored) < (marksIn(keyspace.text(space.data(guard)) ?? '')?.invalidated ?? ALWAYS);
}
