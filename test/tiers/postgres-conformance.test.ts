import { vi } from 'vitest';
import { postgresSessions } from '../../src/tiers/postgres/session.ts';
import { startPostgres } from '../servers/postgres-server.ts';
import { sqlTierUnderTest } from './sql-tier-under-test.ts';
import { conformsToTierPort } from './tier-conformance.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

conformsToTierPort('Postgres', async () => {
  const server = await startPostgres({ own: true });
  return sqlTierUnderTest(postgresSessions(server.url, 10_000), () => server.stop());
});
