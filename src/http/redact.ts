import { boundedText } from '../bounded-text.ts';
import { plainText } from '../printable.ts';
import { knownSecrets } from '../secret.ts';

/** What stands in the place of a credential. */
export const REDACTED = '[redacted]';

/** Headers that carry credentials or are made from them. */
const SECRET_HEADERS =
  /^(authorization|proxy-authorization|cookie|set-cookie|.*signature.*|.*-token|token|.*-auth|.*api-?key|.*secret.*|.*passw(or)?d.*|.*session.*)$/i;

/** Query and form fields whose value is a credential (RFC 6749, 7009, 7636 and the providers' own). */
const SECRET_FIELDS =
  /^(access_token|refresh_token|id_token|token|code|code_verifier|client_secret|password|assertion|state|device_code|api_key)$/i;

/** Bearer values, JWTs and the token shapes of the built-in providers, wherever they stand in a text. */
const SECRET_TEXT: readonly RegExp[] = [
  /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi,
  /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*\.?[A-Za-z0-9_.-]*/g,
  /\bxox[a-z](\.xox[a-z])?-[A-Za-z0-9-]+/g,
  /\bxapp-[A-Za-z0-9-]+/g,
  /\bRT1-[A-Za-z0-9-]+/g,
  /\bAB11[A-Za-z0-9]{16,}/g,
  // A named value in a form, a query or JSON (also JSON within JSON); no quote or backslash is taken with it, so that JSON stays JSON.
  /(?<=\b(?:access_token|refresh_token|id_token|client_secret|code_verifier|password|assertion)(?:=|\\?"\s*:\s*\\?"))[^\s"'&,;\\]+/gi,
  /(?<=[?&](?:code|state|token)=)[^\s"'&#\\]+/gi,
];

/** The URL with every value of a secret field replaced; what is no URL is redacted whole. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return REDACTED;
  const parsed = new URL(url);
  for (const name of [...parsed.searchParams.keys()]) {
    if (SECRET_FIELDS.test(name)) parsed.searchParams.set(name, REDACTED);
  }
  if (parsed.password) parsed.password = REDACTED;
  return redactText(parsed.href.replaceAll('%5Bredacted%5D', REDACTED));
}

/** Whether a header carries a credential by its name. */
export function isSecretHeader(name: string): boolean {
  return SECRET_HEADERS.test(name);
}

/** Header pairs with the values of secret headers replaced. */
export function redactHeaders(headers: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(headers).map(([name, value]) => [name, isSecretHeader(name) ? REDACTED : redactText(value)]);
}

/**
 * Free text with every value known to be secret and everything that looks like a credential replaced, a provider's own patterns included. The last line of defence for
 * messages from outside.
 */
export function redactText(text: string, own: readonly RegExp[] = []): string {
  let result = text;
  for (const secret of knownSecrets()) {
    for (const form of [secret, encodeURIComponent(secret)]) {
      if (result.includes(form)) result = result.replaceAll(form, REDACTED);
    }
  }
  return [...SECRET_TEXT, ...own].reduce((shown, pattern) => shown.replace(pattern, REDACTED), result);
}

/** No message from outside is worth reading further than this, characters. */
const LONGEST_READ = 20_000;

/**
 * Text from outside as a message may quote it: on one line, without credentials, and cut only then, because the first half of a secret is
 * none that could be recognised.
 */
export function quoted(text: string, longest: number, own: readonly RegExp[] = []): string {
  const said = redactText(plainText(text.slice(0, LONGEST_READ)), own);
  return said.length > longest ? `${boundedText(said, longest)}…` : said.toWellFormed();
}
