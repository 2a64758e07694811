import { listOptions } from './option-list.ts';
import type { Options } from './schema.ts';
import { masked } from './secrets.ts';

/** Resolved options as JSON for a person to read, secrets masked. */
export function showOptions(options: Options): string {
  const secretOf = new Set(listOptions().map(({ path }) => path));
  const show = (value: unknown, path: string): unknown => {
    if (secretOf.has(path)) return masked(path, value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, child]) => [
        name,
        show(child, path === '' ? name : `${path}.${name}`),
      ]),
    );
  };
  return JSON.stringify(show({ ...options, redis: options.redis ?? null }, ''), null, 2);
}
