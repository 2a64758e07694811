/**
 * Hit ratio of an exact LRU with room for `capacity` keys. A line looks for its keys first and stores those it missed
 * afterwards; lines of one key make it the LRU of the textbook.
 */
export function exactLruHitRatio(lines: Iterable<readonly number[]>, capacity: number): number {
  const uses: number[] = [];
  /** Where in `uses` a kept key was used last. */
  const lastUse = new Map<number, number>();
  let oldest = 0;
  let hits = 0;
  let references = 0;
  const use = (id: number): void => {
    lastUse.set(id, uses.push(id) - 1);
    for (; lastUse.size > capacity; oldest++) {
      const candidate = uses[oldest] ?? id;
      if (lastUse.get(candidate) === oldest) lastUse.delete(candidate);
    }
  };
  for (const line of lines) {
    const missing = line.filter((id) => !lastUse.has(id));
    for (const id of line) if (lastUse.has(id)) use(id);
    for (const id of missing) use(id);
    references += line.length;
    hits += line.length - missing.length;
  }
  return hits / references;
}
