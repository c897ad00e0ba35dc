import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { CODE_CACHE } from '../support/code-cache.ts';
import { LEFT_OUT } from '../support/left-out.ts';
import LongFirst from '../support/long-first.ts';
import SkipReporter from '../support/skip-reporter.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

// The home of the developer must not leak in, and an empty one is refused. Workers get the environment of this process.
delete process.env['LWI_HOME'];

/** Tests that need parts of the system: a keychain, a browser. A missing part is skipped aloud, with its name. */
export default defineConfig({
  root,
  test: {
    globalSetup: ['test/support/build.ts', 'test/support/postgres-setup.ts'],
    include: ['test/system/**/*.test.ts'],
    exclude: ['node_modules/**', ...LEFT_OUT],
    reporters: ['default', new SkipReporter(LEFT_OUT.filter((file) => file.startsWith('test/system/')))],
    sequence: { sequencer: LongFirst },
    pool: 'forks',
    // Kills and refreshes wait for processes most of the time; each keychain and each browser is a test's own.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { NO_COLOR: '1', FORCE_COLOR: '', NODE_COMPILE_CACHE: CODE_CACHE },
  },
});
