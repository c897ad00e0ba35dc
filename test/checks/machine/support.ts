import type { Check } from '../../../src/checks/check.ts';

/** What a check says, as text: `pass …`, `skip …`, `fail … next: …`. */
export async function said(check: Check): Promise<string> {
  const finding = await check.run(new AbortController().signal);
  if (finding.outcome === 'pass') return `pass ${finding.evidence}`;
  return finding.outcome === 'skip' ? `skip ${finding.reason}` : `fail ${finding.reason} next: ${finding.next}`;
}
