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
  const answer = await fillIn(authorizeUrl, { deny, company }, fetchImpl);
  const location = answer.headers.get('location');
  if (location === null) {
    throw new LwiError('BAD_RESPONSE', 'the authorization page did not redirect', { statusCode: answer.status });
  }
  return location;
}

/**
 * The same at the mock's page for devices: `verificationUri` is the address with the code in it (RFC 8628, 3.3.1). Throws LwiError BAD_RESPONSE when the
 * page cannot be used.
 */
export async function approveDevice(
  verificationUri: string,
  { deny = false, company = 0 }: ApproveOptions = {},
  fetchImpl: typeof fetch = fetch,
): Promise<void> {
  const answer = await fillIn(verificationUri, { deny, company }, fetchImpl);
  if (answer.status === 200) return;
  throw new LwiError('BAD_RESPONSE', 'the page for devices took no answer', { statusCode: answer.status });
}

/** What came of the form; a page that redirects at once is what came. */
async function fillIn(
  url: string,
  { deny, company }: Required<ApproveOptions>,
  fetchImpl: typeof fetch,
): Promise<Response> {
  const page = await fetchImpl(url, { redirect: 'manual' });
  const html = await page.text();
  if (page.headers.has('location')) return page;
  const choices = [...html.matchAll(/<input type="radio" name="company" value="([^"]*)"/g)].map((match) => match[1]);
  const chosen = choices[company];
  if (chosen === undefined) {
    throw new LwiError('BAD_RESPONSE', `the authorization page offers no company number ${company}`, {
      statusCode: page.status,
    });
  }
  const body = new URLSearchParams({ company: chosen, decision: deny ? 'deny' : 'approve' });
  return fetchImpl(url, { method: 'POST', body, redirect: 'manual' });
}
