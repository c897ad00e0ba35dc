/** What a resource server says about a bearer token. */
export interface BearerChallenge {
  /** `invalid_request`, `invalid_token` or `insufficient_scope`, or a word of the server's own. */
  readonly error?: string;
  readonly description?: string;
  /** The scopes that the request needs. */
  readonly scope?: string;
}

const PARAMETER = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.){0,500})"|([^\s",]{1,500}))/gi;

/**
 * Reads `www-authenticate: Bearer error="…"` (RFC 6750, 3): only the parameters of the Bearer challenge, among several in one header too
 * (RFC 9110, 11.6.1). Undefined where there is no such challenge.
 */
export function bearerChallenge(header: string | undefined): BearerChallenge | undefined {
  const start = header === undefined ? null : /(?:^|,)\s*Bearer(?=\s|,|$)/i.exec(header);
  if (!header || !start) return undefined;
  const rest = header.slice(start.index + start[0].length);
  // The next challenge begins with a scheme, a word that no equals sign follows.
  const end = /,\s*[!#$%&'*+.^_`|~\w-]+(?=\s+[^\s=]|\s*,|\s*$)(?!\s*=)/.exec(withoutQuoted(rest))?.index ?? rest.length;
  const found = new Map<string, string>();
  for (const [, name = '', quoted, bare = ''] of rest.slice(0, end).matchAll(PARAMETER)) {
    found.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare);
  }
  const [error, description, scope] = ['error', 'error_description', 'scope'].map((name) => found.get(name));
  return {
    ...(error === undefined ? {} : { error }),
    ...(description === undefined ? {} : { description }),
    ...(scope === undefined ? {} : { scope }),
  };
}

/** The same length, with nothing readable between quotes. */
function withoutQuoted(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => `"${'x'.repeat(quoted.length - 2)}"`);
}
