import { applied } from '../../tiers/applied.ts';
import type { Mark, Write } from '../../tiers/tier.ts';
import { later, marksIn } from '../../wire/marker.ts';
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

/** What a touch or an increment builds on must not be older than this. */
export function floorOf(
  { keyspace, space }: Ground,
  { guard, floor = '' }: Extract<Write, { op: 'touch' | 'increment' }>,
): string {
  if (guard === undefined) return floor;
  const marks = marksIn(keyspace.text(space.data(guard)) ?? '');
  return marks === undefined ? ALWAYS : later(marks.since, marks.invalidated);
}

/** What it was invalidated by. */
export function invalidationOf(
  { keyspace, space }: Ground,
  { guard, floor = '' }: Extract<Write, { op: 'touch' | 'increment' }>,
): string {
  if (guard === undefined) return floor;
  return marksIn(keyspace.text(space.data(guard)) ?? '')?.invalidated ?? '';
}

/** Whether what a touch or an increment would build on is older than its marker allows. */
export function isBelow(
  ground: Ground,
  write: Extract<Write, { op: 'touch' | 'increment' }>,
  stored: string,
): boolean {
  return versionOf(stored) < floorOf(ground, write);
}
