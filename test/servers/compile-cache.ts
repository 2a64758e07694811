import { join } from 'node:path';

/**
 * vitest's global set-up: tests start many programs, and their workers are some as well. What one of them has compiled is
 * not compiled by the next.
 */
export function setup(): void {
  process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../../node_modules/.cache/compiled');
}
