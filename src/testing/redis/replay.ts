import { DONE, HELD, type Outcome, SUPERSEDED, type Write } from '../../tiers/tier.ts';
import { freshOf, graceOf, isNothing, restamped, versionOf } from '../../wire/stored.ts';
import { Clearings } from './clearings.ts';
import { type Found, lookFor } from './found.ts';
import type { Ground } from './ground.ts';
import { floorOf, mark } from './marks.ts';
import { replayIncrement } from './replay-increment.ts';

/** Makes changes that come late, each only where there is nothing newer, as replay.lua does. */
export function replayAll(ground: Ground, writes: readonly Write[]): Outcome[] {
  const clearings = new Clearings(ground);
  return writes.map((write) => {
    if (write.op === 'mark') {
      mark(ground, write);
      return DONE;
    }
    const found = lookFor(ground, write, clearings);
    return write.op === 'increment' ? replayIncrement(ground, write, found) : replayOne(ground, write, found);
  });
}

function replayOne(
  ground: Ground,
  write: Exclude<Write, { op: 'increment' | 'mark' }>,
  { name, tombstone, present, stored, current, buried }: Found,
): Outcome {
  const { keyspace, tombstoneTtl } = ground;
  const floor = write.op === 'touch' ? floorOf(ground, write) : '';
  const { version } = write;
  const held = versionOf(stored ?? '');
  if (write.op === 'delete') {
    // What is older than a deletion goes, also where a later deletion of another instance, by its clock, went before.
    if (present && held <= version && current > version) return keyspace.delete(name) ? DONE : SUPERSEDED;
    if (!present && buried === version) return HELD;
  }
  if (current > version) return SUPERSEDED;
  if (write.op === 'set') {
    if (stored !== write.stored) keyspace.set(name, write.stored, write.ttl);
    return held === version ? HELD : DONE;
  }
  if (write.op === 'delete') {
    keyspace.set(tombstone, version, tombstoneTtl);
    keyspace.delete(name);
    return DONE;
  }
  const over = isNothing(stored ?? '', write.fresh - write.ttl) || held < floor;
  if (stored === undefined || over) return SUPERSEDED;
  const fresh = freshOf(stored);
  if (fresh === undefined) keyspace.expire(name, write.ttl);
  else keyspace.set(name, restamped(stored, held, write.fresh), write.ttl + graceOf(stored));
  return fresh === write.fresh ? HELD : DONE;
}
