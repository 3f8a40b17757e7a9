// Runs every test from source: unit tests beside their file, and the tests of test/, which share one Postgres and Redis.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source', 'module', 'node', 'default'] } },
  test: {
    testTimeout: 60_000,
    // The same bits wherever tests run; what they say of other backends, they open by name.
    env: { RESEED_BACKEND: 'portable' },
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts'] },
      },
      {
        extends: true,
        test: { name: 'services', include: ['test/*.test.ts'], globalSetup: 'test/services/shared-services.ts' },
      },
    ],
  },
});
