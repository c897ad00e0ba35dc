import { LwiError } from '../errors.ts';

export interface ApproveOptions {
  /** Press Deny instead of Approve. */
  readonly deny?: boolean;
  /** Which of the offered companies to choose, from 0; default the first. */
  readonly company?: number;
}

/**
 * Plays the person at the mock's authorization page: opens it, chooses a company, submits the form, and returns the address that
 * the browser would be sent to, without going there. Throws LwiError BAD_RESPONSE when the page cannot be used.
 */
export async function approve(
  authorizeUrl: string,
  { deny = false, company = 0 }: ApproveOptions = {},
  fetchImpl: typeof fetch = fetch,
): Promise<string> {
  const page = await fetchImpl(authorizeUrl, { redirect: 'manual' });
  const html = await page.text();
  const early = page.headers.get('location');
  if (early !== null) return early;
  const choices = [...html.matchAll(/<input type="radio" name="company" value="([^"]*)"/g)].map((match) => match[1]);
  const chosen = choices[company];
  if (chosen === undefined) {
    throw new LwiError('BAD_RESPONSE', `the authorization page offers no company number ${company}`, {
      statusCode: page.status,
    });
  }
  const body = new URLSearchParams({ company: chosen, decision: deny ? 'deny' : 'approve' });
  const answer = await fetchImpl(authorizeUrl, { method: 'POST', body, redirect: 'manual' });
  const location = answer.headers.get('location');
  if (location === null) {
    throw new LwiError('BAD_RESPONSE', 'the authorization page did not redirect', { statusCode: answer.status });
  }
  return location;
}
