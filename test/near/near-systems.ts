import { expect } from 'vitest';
import type { Understudy } from '../../src/index.ts';

/** Resolves when memory may answer. */
export async function untilTrusted(...systems: readonly Understudy[]): Promise<void> {
  for (const understudy of systems)
    await expect
      .poll(async () => (await understudy.health()).near, { timeout: 30_000 })
      .toMatchObject({ trusted: true });
}

/** Reads until memory answers, which it must soon; and what it then answers. */
export async function nearValue({ cache }: Understudy, key: string): Promise<unknown> {
  let value: unknown;
  const tierOf = async (): Promise<string> => {
    const found = await cache.find(key);
    value = found.found ? found.value : undefined;
    return found.tier;
  };
  await expect.poll(tierOf, { timeout: 5_000, interval: 5 }).toBe('memory');
  return value;
}
