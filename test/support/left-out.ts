import { thorough } from './thorough.ts';

/**
 * Test files that all of CI has no room for in its quarter of an hour: what they are about is also met, less widely, by others that always run. They run with
 * LWI_TEST_THOROUGH=1, and each run without them says so.
 */
export const LEFT_OUT: readonly string[] = thorough(
  [
    'test/checks/provider-checklist.test.ts',
    'test/e2e/api-fields.test.ts',
    'test/e2e/authorization-server.test.ts',
    'test/e2e/device.test.ts',
    'test/e2e/example-providers.test.ts',
    'test/e2e/exec.test.ts',
    'test/e2e/generic.test.ts',
    'test/e2e/json-outputs.test.ts',
    'test/e2e/own-mock.test.ts',
    'test/e2e/recording-secrets.test.ts',
    'test/e2e/recording.test.ts',
    'test/e2e/refresh-killed.test.ts',
    'test/e2e/sync-churn.test.ts',
    'test/e2e/sync-killed.test.ts',
    'test/e2e/terminal.test.ts',
    'test/system/browser-attack.test.ts',
    'test/system/listen-killed.test.ts',
  ],
  [],
);
