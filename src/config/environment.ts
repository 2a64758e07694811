import { readFileSync } from 'node:fs';
import { nearestName } from './nearest-name.ts';
import { listOptions, type Option, VARIABLE_PREFIX } from './option-list.ts';
import { describeProblems } from './problems.ts';
import { ADDRESSES } from './redis-schema.ts';
import { invalidConfig } from './resolve.ts';
import { type Options, type OptionsInput, optionsSchema } from './schema.ts';

type Environment = Readonly<Record<string, string | undefined>>;
interface Tree {
  [name: string]: unknown;
}

/** Of the scripts that install and test; they are nothing to a service. */
const OTHERS: ReadonlySet<string> = new Set(['UNDERSTUDY_HOST_NODE', 'UNDERSTUDY_TEST_REDIS']);

/**
 * Options from `UNDERSTUDY_*` variables, over `defaults`, resolved. An empty variable counts as not set; only of
 * UNDERSTUDY_PREFIX it is an empty prefix, and of UNDERSTUDY_REDIS_URL, as `none`, it means memory alone.
 *
 * Throws one INVALID_CONFIG that lists every problem, variables that do not exist included.
 */
export function fromEnvironment(env: Environment, defaults: OptionsInput = {}): Options {
  const options = listOptions();
  const { tree, problems } = readVariables(env, options);
  const borrowed = plantDatabase(tree, env);
  const input = withDefaults(tree, defaults, env.UNDERSTUDY_REDIS_URL);
  const result = optionsSchema.safeParse(input);
  if (result.success && problems.length === 0) return result.data;
  const variables = new Map(options.map(({ path, variable }) => [path, `${path} (${variable})`]));
  if (borrowed) variables.set('durable.url', 'durable.url (DATABASE_URL)');
  const found = result.success
    ? []
    : describeProblems(result.error, input, (path) => variables.get(path) ?? path);
  throw invalidConfig([...problems, ...found]);
}

function readVariables(env: Environment, options: readonly Option[]): { tree: Tree; problems: string[] } {
  const known = new Map(options.map((option) => [option.variable, option]));
  const tree: Tree = {};
  const problems: string[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith(VARIABLE_PREFIX) || OTHERS.has(variable)) continue;
    const option = known.get(variable);
    if (option === undefined) {
      // Its text may be a secret under a misspelt name.
      const nearest = nearestName(variable, known.keys());
      problems.push(
        `${variable}: unknown variable${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
      );
    } else if (text !== '' || option.path === 'prefix') {
      try {
        plant(tree, option.path.split('.'), option.file ? readFileSync(text, 'utf8') : option.fromText(text));
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        problems.push(`${option.path} (${variable}): expected the path of a readable file, got ${code}`);
      }
    }
  }
  return { tree, problems };
}

/** `DATABASE_URL` is what hosting services give; a durable tier of our own, or `none` of it, goes before. */
function plantDatabase(tree: Tree, { DATABASE_URL }: Environment): boolean {
  const given = isTree(tree.durable) ? tree.durable : undefined;
  const unplaced = given?.url === undefined && given?.directory === undefined;
  if (unplaced && DATABASE_URL) {
    plant(tree, ['durable', 'url'], DATABASE_URL);
    return true;
  }
  const wanted = given?.values !== undefined && given.values !== false;
  // Values that are to be kept must have a place: the schema says what is missing.
  if (unplaced && wanted) return false;
  if (unplaced || (given?.url === 'none' && given.directory === undefined)) delete tree.durable;
  return false;
}

/** `redis.tls` may be a word and hold files: the files say that it is wanted. */
function plant(tree: Tree, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  const present = tree[name];
  if (rest.length === 0) tree[name] = isTree(present) ? present : value;
  else plant(isTree(present) ? present : branch(tree, name), rest, value);
}

function branch(tree: Tree, name: string): Tree {
  const created: Tree = {};
  tree[name] = created;
  return created;
}

function withDefaults(tree: Tree, defaults: OptionsInput, url: string | undefined): Tree {
  const { redis: fallback, ...others } = defaults;
  const given = isTree(tree.redis) ? tree.redis : {};
  const addresses = ADDRESSES.filter((address) => address in given);
  const merged = merge(others, tree);
  // Beside another address `none` is a contradiction, which the schema tells.
  if (addresses.length === 0 ? url === '' : addresses.length === 1 && given.url === 'none')
    delete merged.redis;
  else if (addresses.length === 0 && fallback !== undefined) merged.redis = merge(fallback, given);
  return merged;
}

function merge(under: object, over: Tree): Tree {
  const merged: Tree = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const present = merged[name];
    merged[name] = isTree(present) && isTree(value) ? merge(present, value) : value;
  }
  return merged;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
