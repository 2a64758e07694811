import { defineConfig } from 'vitest/config';
import { compiled, hasDecorators } from './test/examples/standard-decorators.ts';

/** Of these no file leaves anything behind in its process, so that the next need not load everything anew. */
const SHARING = [
  ...['cache', 'circuit-breaker', 'config', 'docs', 'http', 'model', 'package', 'runtime'],
  ...['supervisor', 'testing', 'tiers', 'wire'],
].map((folder) => `test/${folder}/**/*.test.ts`);

const standardDecorators = {
  name: 'standard-decorators',
  enforce: 'pre',
  transform: (source: string, file: string) =>
    file.endsWith('.ts') && hasDecorators(source) ? compiled(file) : undefined,
} as const;

export default defineConfig({
  plugins: [standardDecorators],
  test: {
    globalSetup: ['test/servers/compile-cache.ts', 'test/servers/ensure-redis.ts'],
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
    projects: [
      { extends: true, test: { name: 'sharing', include: SHARING, isolate: false } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: SHARING,
          // Errors elsewhere are those of `npm run check:types`; here only the type tests count.
          typecheck: {
            enabled: true,
            checker: 'tsc',
            include: ['test/**/*.test-d.ts'],
            ignoreSourceErrors: true,
          },
        },
      },
    ],
  },
});
