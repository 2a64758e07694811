import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest';
import type { OptionsInput, Understudy } from '../../src/index.ts';
import { type PostgresServer, startPostgres } from '../servers/postgres-server.ts';

/** A machine with too much to do takes longer. */
export const PATIENT = { timeout: 40_000 };

/** A Postgres of the suite's own, and a prefix for each test, so that none sees what another left. */
export class SuitePostgres {
  #server: PostgresServer | undefined;
  #last = 0;
  prefix = '';

  constructor() {
    vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });
    beforeAll(async () => {
      this.#server = await startPostgres({ own: true });
    });
    beforeEach(() => {
      this.prefix = `tier-${++this.#last}:`;
    });
    afterAll(() => this.#server?.stop());
  }

  get server(): PostgresServer {
    if (this.#server === undefined) throw new Error('Postgres has not been started yet');
    return this.#server;
  }

  /** Values are kept there. A busy machine must not look like a Postgres that is out. */
  options(more: OptionsInput = {}): OptionsInput {
    const durable = { url: this.server.url, values: { timeout: 10_000 } };
    return { deadline: 10_000, prefix: this.prefix, durable, ...more };
  }

  /** Rows of this test with a value. */
  async rows(): Promise<Record<string, unknown>[]> {
    const rows = await this.server.query(
      `select key, stored, version, expires::text from understudy.value
       where space = '${this.prefix}' and stored <> '' order by key`,
    );
    return [...rows];
  }
}

/** Resolves when the durable tier has everything. */
export async function archived(understudy: Understudy): Promise<void> {
  await expect
    .poll(async () => (await understudy.ask({ type: 'cache.stats' })).archive, PATIENT)
    .toMatchObject({ up: true, behind: 0 });
}
