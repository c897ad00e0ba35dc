import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { CODE_CACHE } from './support/code-cache.ts';
import { LEFT_OUT } from './support/left-out.ts';
import LongFirst from './support/long-first.ts';
import { postgresPrograms } from './support/postgres-server.ts';
import SkipReporter from './support/skip-reporter.ts';
import { temporaryPlace } from './support/temporary-place.ts';
import { thorough } from './support/thorough.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

// The home of the developer must not leak in, and an empty one is refused. Workers get the environment of this process.
delete process.env['LWI_HOME'];

/**
 * What is run once more with its stores on PostgreSQL, beside tests that are about it: what tokens, limits, syncs and webhooks promise; or all that a command
 * does.
 */
const ON_POSTGRES = thorough(
  ['limits', 'sync'].map((name) => `test/e2e/${name}.test.ts`),
  ['test/e2e/**/*.test.ts'],
);

/** Everything in `npm test`: no network beyond this machine, no keychain, no browser. Those live in test/system and test/sandbox. */
export default defineConfig({
  root,
  test: {
    reporters: ['default', new SkipReporter(LEFT_OUT.filter((file) => !file.startsWith('test/system/')))],
    globalSetup: ['test/support/build.ts', 'test/support/postgres-setup.ts'],
    setupFiles: ['test/support/forget-secrets.ts'],
    sequence: { sequencer: LongFirst },
    pool: 'forks',
    // Most of the time is spent waiting for child processes and clocks, so that three are not too many for two cores.
    maxWorkers: 3,
    // Files share a process: no test replaces a module or leaves one changed, and starting one for each file took a third of the time.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // A test that needs LWI_* sets it for its own child process; what the developer has exported must not leak in.
    env: { NO_COLOR: '1', FORCE_COLOR: '', NODE_COMPILE_CACHE: CODE_CACHE, ...temporaryPlace() },
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: ['test/system/**', 'test/sandbox/**', 'test/limits/**', 'node_modules/**', ...LEFT_OUT],
          sequence: { groupOrder: 0 },
        },
      },
      ...(postgresPrograms()
        ? [
            {
              extends: true as const,
              test: {
                ...{ name: 'postgres', include: ON_POSTGRES, env: { LWI_TEST_STORE: 'postgres' } },
                sequence: { groupOrder: 0 },
              },
            },
          ]
        : []),
      // A server that counts by the millisecond, pressed by several processes: each file has the machine for itself, behind everything else.
      {
        extends: true,
        test: { name: 'limits', include: ['test/limits/**/*.test.ts'], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
