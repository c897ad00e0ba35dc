import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import SkipReporter from '../support/skip-reporter.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Tests against the sandboxes of the providers, with credentials from the environment. What is missing is skipped aloud, with its name. */
export default defineConfig({
  root,
  test: {
    globalSetup: ['test/support/build.ts'],
    include: ['test/sandbox/**/*.test.ts'],
    reporters: ['default', new SkipReporter()],
    pool: 'forks',
    // One after the other: they share the limits of one app.
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 60_000,
    env: { NO_COLOR: '1', FORCE_COLOR: '' },
  },
});
