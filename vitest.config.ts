import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/servers/ensure-redis.ts'],
    pool: 'forks',
    // Each suite runs Redis servers of its own beside its worker.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
    allowOnly: false,
    retry: 0,
    expect: { requireAssertions: true },
    // Errors elsewhere are those of `npm run check:types`; here only the type tests count.
    typecheck: {
      enabled: true,
      checker: 'tsc',
      include: ['test/**/*.test-d.ts'],
      ignoreSourceErrors: true,
    },
  },
});
