import { type Finding, fail, pass, skip } from './check.ts';

export interface ScopeFacts {
  readonly title: string;
  /** The provider is the user's own: what is asked for stands in the config. */
  readonly ofTheUser: boolean;
  /** What the provider's streams need; of the user's own, what is asked for. */
  readonly needed: readonly string[];
  /** What was granted when the token was made, as far as it is known. */
  readonly granted: readonly string[];
  /** Headers of an answer of the API, names in lower case; undefined where there was none. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** The provider's own words, where it refused the request for a scope. */
  readonly refusal: string | undefined;
  /** What to run when one is missing, in backquotes. */
  readonly connect: string;
}

/** They say who somebody is and how long a grant lasts, not what may be read; servers leave them out of what they grant (OpenID Connect Core 1.0, 5.4 and 11). */
const IDENTITY: readonly string[] = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'];

/** Says which scopes a token has now: Slack (docs.slack.dev, scopes) and GitHub (docs.github.com, scopes for OAuth apps). */
const SCOPES_HEADER = 'x-oauth-scopes';

/** Whether the token has the scopes that the provider's streams need. */
export function scopeFinding({ title, ofTheUser, needed, granted, headers, refusal, connect }: ScopeFacts): Finding {
  const next = `Add it to the app at ${title} where it is not there yet, then run ${connect}.`;
  if (refusal !== undefined) return fail(refusal, next, 'FORBIDDEN');
  const wanted = needed.filter((scope) => !IDENTITY.includes(scope));
  if (wanted.length === 0) return skip(`${title} needs none, as far as lwi knows`);
  const told = headers?.[SCOPES_HEADER]?.split(/[\s,]+/).filter((scope) => scope !== '');
  const has = told ?? granted;
  if (has.length === 0) return skip(`${title} did not say which were granted`);
  const missing = wanted.filter((scope) => !has.some((one) => covers(one, scope)));
  if (missing.length > 0 && ofTheUser) {
    const were = missing.length === 1 ? 'was' : 'were';
    const correct = `Allow ${missing.length === 1 ? 'it' : 'them'} to the app at ${title}, or correct \`oauth.scopes\` of the definition`;
    return fail(
      `${missing.join(', ')} ${were} asked for, not granted (granted: ${has.join(', ')})`,
      `${correct}; then run ${connect}.`,
      'FORBIDDEN',
    );
  }
  if (missing.length > 0) {
    const are = missing.length === 1 ? 'is' : 'are';
    return fail(`${missing.join(', ')} ${are} missing, which lwi needs to read from ${title}.`, next, 'FORBIDDEN');
  }
  const source = told ? `all there, by the answer of ${title}` : 'all granted';
  return pass(`${wanted.join(', ')}: ${source}`);
}

/** GitHub leaves out what a wider scope holds: `user` stands for `user:email` too (docs.github.com, normalized scopes). */
function covers(granted: string, needed: string): boolean {
  return granted === needed || needed.startsWith(`${granted}:`);
}
