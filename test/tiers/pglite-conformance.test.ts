import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { pgliteSessions } from '../../src/tiers/pglite/session.ts';
import { sqlTierUnderTest } from './sql-tier-under-test.ts';
import { conformsToTierPort } from './tier-conformance.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

conformsToTierPort('PGlite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-pglite-'));
  return sqlTierUnderTest(pgliteSessions(directory), () => rm(directory, { recursive: true, force: true }));
});
