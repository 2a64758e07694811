import { globSync } from 'node:fs';
import { dependencyRules, layerOf } from './dependency-rules.ts';
import { findCycles } from './find-cycles.ts';
import { readImports } from './read-imports.ts';

const modules = globSync('{src,actors,test,bench,scripts}/**/*.ts').sort();
const shipped = modules.filter((module) => /^(src|actors)\//.test(module));
// Type-only imports count as well: they are what a reader has to follow.
const imports = new Map(modules.map((module) => [module, readImports(module)]));
const targets = new Map([...imports].map(([module, found]) => [module, found.map(({ to }) => to)]));

const violations = [
  ...shipped
    .filter((module) => layerOf(module) < 0)
    .map((module) => `no-layer: ${module}\n  give its folder a place in scripts/dependency-rules.ts`),
  ...dependencyRules.flatMap(({ name, because, forbids }) =>
    shipped
      .flatMap((module) => imports.get(module) ?? [])
      .filter(forbids)
      .map(({ from, to }) => `${name}: ${from} -> ${to}\n  ${because}`),
  ),
  ...findCycles(targets).map(
    (cycle) =>
      `no-cycles: ${cycle.join(' -> ')}\n  none of these can be read, tested or loaded without the others`,
  ),
];

for (const violation of violations) console.error(violation);
console.log(`${modules.length} modules, ${violations.length} forbidden dependencies`);
process.exitCode = violations.length === 0 ? 0 : 1;
