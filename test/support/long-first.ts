import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest. One of them that begins last runs alone while the other core has nothing to do. */
const LONGEST = [
  ...['many-hosts', 'keychain-command', 'keychain', 'receivers-killed', 'sync-killed', 'many-refreshes'],
  ...[
    'listen-killed',
    'browser-attack',
    'browser',
    'pages',
    'every-error',
    'refresh-killed',
    'token',
    'sync-churn',
    'store-copy',
  ],
  ...['serve-shared', 'postgres', 'listen-forward', 'exec', 'tenants', 'authorization-server', 'provider-checklist'],
  ...['json-outputs', 'secrets', 'recording', 'sync', 'serve', 'listen', 'fencing', 'postgres-sync', 'demo'],
];

/** The order of test files: the longest first, then as vitest has it, which knows only their size on a machine that has not run them. */
export default class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.indexOf(basename(moduleId, '.test.ts'));
      return found < 0 ? LONGEST.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}
