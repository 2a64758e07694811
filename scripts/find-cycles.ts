/** Every import cycle, each once, as the modules along it. Depth first; a module is left for good once all below it is known. */
export function findCycles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const trail: string[] = [];

  const visit = (module: string): void => {
    if (done.has(module)) return;
    const seenAt = trail.indexOf(module);
    if (seenAt >= 0) {
      cycles.push([...trail.slice(seenAt), module]);
      return;
    }
    trail.push(module);
    for (const next of imports.get(module) ?? []) visit(next);
    trail.pop();
    done.add(module);
  };

  for (const module of imports.keys()) visit(module);
  return cycles;
}
