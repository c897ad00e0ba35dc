import type { Check, Finding } from '../../../src/checks/check.ts';

/** What a check says, as text: `pass …`, `skip …`, `fail … next: …`. */
export async function said(check: Check): Promise<string> {
  return wording(await check.run(new AbortController().signal));
}

/** The same of what it found. */
export function wording(finding: Finding): string {
  if (finding.outcome === 'pass') return `pass ${finding.evidence}`;
  return finding.outcome === 'skip' ? `skip ${finding.reason}` : `fail ${finding.reason} next: ${finding.next}`;
}
