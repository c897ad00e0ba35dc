import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest. One of them that begins last runs alone while the other core has nothing to do. */
const LONGEST = [
  ...['many-refreshes', 'sync-killed', 'listen-killed', 'keychain-command', 'keychain'],
  ...['sync-churn', 'token', 'exec', 'records', 'authorization-server', 'recording', 'refresh-killed', 'tenants'],
  ...['every-error', 'provider-checklist', 'json-outputs', 'smoke', 'example-providers'],
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
