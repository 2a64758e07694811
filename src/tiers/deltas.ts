import type { Delta, Write } from './tier.ts';

type Increment = Extract<Write, { op: 'increment' }>;

/** The parts of an increment. */
export function deltasOf({ deltas, version, by, receipt }: Increment): readonly Delta[] {
  return deltas ?? [receipt === undefined ? { id: version, by } : { id: version, by, receipt }];
}

/** The same increment made up of these parts, of which there is at least one. */
export function withDeltas(write: Increment, deltas: readonly Delta[]): Increment {
  const { deltas: _deltas, receipt: _receipt, ...rest } = write;
  const by = deltas.reduce((sum, delta) => sum + delta.by, 0);
  const [only] = deltas;
  const plain = deltas.length === 1 && only !== undefined && only.id === write.version && !only.lapsed;
  if (!plain) return { ...rest, by, deltas };
  return only.receipt === undefined ? { ...rest, by } : { ...rest, by, receipt: only.receipt };
}
