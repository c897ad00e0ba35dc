import { openPrivateOutput } from '../../src/private-output.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import { junitXml } from './junit.ts';
import type { SmokeReport } from './smoke-report.ts';

/** Where the XML goes: all of it, or nothing. */
interface JunitOutput {
  commit(report: SmokeReport): void;
  /** Leaves nothing behind; does nothing after `commit`. */
  drop(): void;
}

/** Opened before anything is checked, so that a name that cannot be written is told at once. `-` is stdout. Throws USAGE, STORE_FULL. */
export function junitOutput({ terminal }: RecordableContext, path: string): JunitOutput {
  if (path === '-') return { commit: (report) => terminal.raw(junitXml(report)), drop: () => {} };
  const output = openPrivateOutput(path);
  return {
    commit: (report) => {
      output.write(junitXml(report));
      output.commit();
    },
    drop: output.drop,
  };
}
