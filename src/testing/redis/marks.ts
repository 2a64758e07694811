import { applied } from '../../tiers/applied.ts';
import type { Mark, Write } from '../../tiers/tier.ts';
import { later, MARKER_TTL, marksIn, NEVER } from '../../wire/marker.ts';
import type { Ground } from './ground.ts';

/** Changes a marker, as the scripts do. */
export function mark({ keyspace, space }: Ground, write: Mark): void {
  const name = space.data(write.key);
  const before = keyspace.text(name);
  const left = keyspace.left(name) ?? 0;
  const { stored } = applied(before, write, keyspace.now());
  if (stored === undefined || (stored === before && left >= write.ttl)) return;
  keyspace.set(name, stored, Math.max(left, write.ttl));
}

/** What a touch or an increment builds on must not be older than this. A marker that is missing is made. */
export function floorOf(
  ground: Ground,
  { guard, floor = '', version }: Extract<Write, { op: 'touch' | 'increment' }>,
): string {
  if (guard === undefined) return floor;
  const marks = marksIn(ground.keyspace.text(ground.space.data(guard)) ?? '');
  if (marks !== undefined) return later(marks.since, marks.invalidated);
  const made = { since: version, invalidated: NEVER, expired: NEVER, ttl: MARKER_TTL };
  mark(ground, { op: 'mark', key: guard, version, ...made });
  return version;
}

/** What it was invalidated by. */
export function invalidationOf(
  { keyspace, space }: Ground,
  { guard, floor = '' }: Extract<Write, { op: 'touch' | 'increment' }>,
): string {
  if (guard === undefined) return floor;
  return marksIn(keyspace.text(space.data(guard)) ?? '')?.invalidated ?? '';
}
