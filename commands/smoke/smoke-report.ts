import type { CheckResult } from '../../src/checks/check.ts';
import type { CheckReport } from '../shared/check-report.ts';
import type { Subject } from './subjects.ts';

/** What became of a check, and of which connection; those of the machine have none. */
export type SmokeResult = CheckResult & Partial<Pick<Subject, 'provider' | 'account' | 'env'>>;

export type SmokeReport = Omit<CheckReport, 'checks'> & { readonly checks: readonly SmokeResult[] };

/** How a check is called where it stands alone: `slack token`, `key`. */
export function nameOf({ name, provider }: SmokeResult): string {
  return provider === undefined ? name : `${provider} ${name}`;
}
