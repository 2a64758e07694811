import type { Write } from '../../tiers/tier.ts';
import { versionOf } from '../../wire/stored.ts';
import type { Clearings } from './clearings.ts';
import type { Ground } from './ground.ts';

/** What a late change finds. */
export interface Found {
  readonly name: string;
  readonly tombstone: string;
  readonly present: boolean;
  /** Undefined for nothing, and for something of another type. */
  readonly stored: string | undefined;
  /** The newest version that is known of the key, and that of its last deletion; '' for none. */
  readonly current: string;
  readonly buried: string;
}

/** Looks for it; what a clearing did not come to goes now. */
export function lookFor(
  { keyspace, space, tombstoneTtl }: Ground,
  write: Write,
  clearings: Clearings,
): Found {
  const { op, key, version } = write;
  const name = space.data(key);
  const tombstone = space.tombstone(key);
  const before = versionOf(keyspace.text(name) ?? '');
  let buried = keyspace.text(tombstone) ?? '';
  if (op !== 'delete') {
    const cleared = clearings.of(name);
    if (cleared > version && before !== '' && before < cleared) {
      // Whoever cleared it may be gone before it came to this key.
      keyspace.set(tombstone, cleared, tombstoneTtl);
      keyspace.delete(name);
    }
    const collapsed = keyspace.has(name) ? '' : clearings.collapsed(version);
    // It was the newer one: of what is spared and comes yet, nothing that is older may take its place.
    if (op === 'set' && version > buried && version < collapsed)
      keyspace.set(tombstone, version, tombstoneTtl);
    buried = [cleared, collapsed].reduce((last, each) => (each > last ? each : last), buried);
  }
  const current = buried > before ? buried : before;
  return { name, tombstone, present: keyspace.has(name), stored: keyspace.text(name), current, buried };
}
