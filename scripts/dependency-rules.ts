import type { Import } from './read-imports.ts';

export interface DependencyRule {
  readonly name: string;
  readonly because: string;
  readonly forbids: (dependency: Import) => boolean;
}

/** From the top down. A module may import from its own layer and those below it. */
const layers: readonly (readonly string[])[] = [
  ['src/index.ts'],
  ['src/http/', 'src/cli/', 'src/adapters/', 'src/testing/'],
  ['src/system.ts', 'src/system/'],
  ['actors/'],
  ['src/runtime/', 'src/tiers/', 'src/wire/', 'src/telemetry/', 'src/config/'],
];

/** All that the folders of the lowest layer may know of each other: interfaces, formats, and words they share. */
const ports: readonly string[] = [
  'src/runtime/backoff.ts',
  'src/runtime/clock.ts',
  'src/runtime/envelope.ts',
  'src/runtime/errors.ts',
  'src/runtime/fault-switch.ts',
  'src/runtime/keep-shape.ts',
  'src/runtime/logger.ts',
  'src/telemetry/port.ts',
  'src/tiers/redis/options.ts',
  'src/tiers/tier.ts',
  'src/wire/clone.ts',
  'src/wire/hybrid-clock.ts',
  'src/wire/keys.ts',
  'src/wire/marker.ts',
  'src/wire/namespaces.ts',
  'src/wire/opening.ts',
  'src/wire/packing-options.ts',
  'src/wire/standard-schema.ts',
  'src/wire/stored.ts',
  'src/wire/ttl.ts',
  'src/wire/values.ts',
];

/** Packages that have one home, so that replacing or patching one touches one folder. */
const homes: readonly (readonly [packages: RegExp, home: string])[] = [
  [/^(ioredis|@ioredis\/.*)$/, 'src/tiers/'],
  [/^(pg|@electric-sql\/pglite)$/, 'src/tiers/'],
  [/^opossum$/, 'actors/circuit-breaker/'],
  [/^@opentelemetry\/(?!api$)/, 'src/telemetry/'],
];

export const dependencyRules: readonly DependencyRule[] = [
  {
    name: 'downwards-only',
    because:
      'http, cli, adapters -> system -> actors -> runtime, tiers, wire, telemetry, config: what is below works without what is above',
    forbids: ({ from, to }) => layerOf(to) >= 0 && layerOf(to) < layerOf(from),
  },
  {
    name: 'actors-meet-in-messages',
    because:
      'an actor may crash and be replaced alone only if others know its messages.ts and nothing of its behaviour',
    forbids: ({ from, to }) =>
      isActor(from) && isActor(to) && folderOf(from) !== folderOf(to) && !to.endsWith('/messages.ts'),
  },
  {
    name: 'middle-folders-meet-in-ports',
    because:
      'runtime, tiers, wire, telemetry and config stay replaceable while they know of each other only the ports',
    forbids: ({ from, to }) =>
      layerOf(from) === layers.length - 1 &&
      layerOf(to) === layers.length - 1 &&
      folderOf(from) !== folderOf(to) &&
      !ports.includes(to),
  },
  {
    name: 'runtime-knows-nobody',
    because: 'src/runtime is what the actor library lacks; it would serve any other actors as well',
    forbids: ({ from, to }) =>
      from.startsWith('src/runtime/') && /^(src|actors)\//.test(to) && !to.startsWith('src/runtime/'),
  },
  {
    name: 'one-home-per-client',
    because:
      'Redis is reached through src/tiers, the breaker library in actors/circuit-breaker, the OpenTelemetry SDK in src/telemetry, and nowhere else',
    forbids: ({ from, to }) => homes.some(([packages, home]) => packages.test(to) && !from.startsWith(home)),
  },
  {
    name: 'shipped-code-stands-alone',
    because: 'test, bench and scripts are not in the package',
    forbids: ({ to }) => /^(test|bench|scripts)\//.test(to),
  },
];

/** 0 is the top; -1 is a module without a place, which would escape the rules. */
export function layerOf(path: string): number {
  return layers.findIndex((prefixes) => prefixes.some((prefix) => path.startsWith(prefix)));
}

function isActor(path: string): boolean {
  return path.startsWith('actors/');
}

/** `src/tiers` of `src/tiers/redis/client.ts`. */
function folderOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}
