/** A place in a text whose value is a credential because of its name. */
export interface NamedValue {
  readonly start: number;
  readonly end: number;
  /** Whether the value is a number in JSON, which must stay JSON. */
  readonly number?: boolean;
}

/**
 * Names of members, fields, parameters and elements that hold credentials (RFC 6749, 7009, 7521, 7636, 8628 and the providers' own), without
 * case, dashes and underscores. `code` and `state` are not among them: in API data they are error codes and addresses.
 */
const SECRET_NAME =
  /^(token|pwd|authorization|proxyauthorization|assertion|credentials?)$|(secret|password|passwd|passphrase|apikey|apitoken|accesstoken|refreshtoken|idtoken|authtoken|bearertoken|sessiontoken|verificationtoken|privatekey|secretkey|accesskey|encryptionkey|signingkey|clientassertion|codeverifier|devicecode)$/;

/** Every such name holds one of these words; a quick look. */
const WORD =
  /token|secret|passw|passphrase|pwd|api[-_]?key|access[-_]?key|(?:private|secret|encryption|signing)[-_]?key|authorization|assertion|verifier|device[-_]?code|credential/gi;

/** Whether a value under this name is a credential. */
export function isSecretName(name: string): boolean {
  const last = name.split(/[:.[\]]+/).findLast((part) => part !== '') ?? '';
  return SECRET_NAME.test(last.toLowerCase().replace(/[-_]/g, ''));
}

/** The values of secret names in JSON, forms, queries, XML and multipart bodies, without knowing which of them it is. */
export function namedValues(text: string): readonly NamedValue[] {
  const values: NamedValue[] = [];
  let done = 0;
  for (const { index } of text.matchAll(WORD)) {
    if (index < done) continue;
    const [start, end] = wholeName(text, index);
    done = end;
    if (isSecretName(text.slice(start, end))) values.push(...valueAfter(text, start, end));
  }
  return values;
}

/** Pairs of a query or a form, split before anything is decoded, with the values of secret names. */
export function secretPairs(text: string): readonly NamedValue[] {
  const values: NamedValue[] = [];
  let start = 0;
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=');
    if (equals > 0 && isSecretName(decoded(pair.slice(0, equals)))) {
      values.push({ start: start + equals + 1, end: start + pair.length });
    }
    start += pair.length + 1;
  }
  return values;
}

function decoded(name: string): string {
  return new URLSearchParams(`${name}=`).keys().next().value ?? name;
}

/** No name is longer. */
const LONGEST_NAME = 80;

function wholeName(text: string, at: number): [number, number] {
  let start = at;
  while (start > 0 && at - start < LONGEST_NAME && /[\w.:-]/.test(text.charAt(start - 1))) start--;
  let end = at;
  while (end < text.length && end - at < LONGEST_NAME && /[\w.:-]/.test(text.charAt(end))) end++;
  return [start, end];
}

function valueAfter(text: string, start: number, end: number): readonly NamedValue[] {
  const before = text.charAt(start - 1);
  if (before === '"' && text.charAt(end) === '"') {
    return jsonValues(text, end + 1) ?? multipartValue(text, start, end + 1) ?? [];
  }
  const assigned = sticky(/\]?\s{0,2}=\s{0,2}(?:"([^"]*)|'([^']*)|([^\s"'&<>\\]+))/dy, text, end);
  const range = assigned?.indices?.slice(1).find((each) => each !== undefined);
  if (range) return [{ start: range[0], end: range[1] }];
  if (before !== '<') return [];
  const element = sticky(/(?:\s[^<>]*)?>([^<]+)/dy, text, end)?.indices?.[1];
  return element ? [{ start: element[0], end: element[1] }] : [];
}

/** A scalar or a bracket, with the colon behind it where it is a name. */
const JSON_TOKEN =
  /\s*,?\s*(?:"([^"\\]*(?:\\[\s\S][^"\\]*)*)"?(\s*:)?|(-?\d[\d.eE+-]*)|([{[])|([}\]])|true|false|null)/dy;

/** The value of a JSON member whose name ended before `at`; all scalars in it where it is an object or array. Undefined: no member. */
function jsonValues(text: string, at: number): readonly NamedValue[] | undefined {
  const colon = sticky(/\s*:\s*/y, text, at);
  if (!colon) return undefined;
  const values: NamedValue[] = [];
  let depth = 0;
  let next = at + colon[0].length;
  do {
    const token = sticky(JSON_TOKEN, text, next);
    if (!token) break;
    const [whole, content, colonAfter, number, opened, closed] = token;
    next += whole.length;
    const range = token.indices?.[1] ?? token.indices?.[3];
    const isName = colonAfter !== undefined && depth > 0;
    if (range && !isName && range[1] > range[0]) {
      values.push({ start: range[0], end: range[1], number: content === undefined && number !== undefined });
    }
    if (opened) depth++;
    if (closed) depth--;
  } while (depth > 0);
  return values;
}

/** The part of a multipart body (RFC 7578) with this name. */
function multipartValue(text: string, start: number, end: number): readonly NamedValue[] | undefined {
  if (
    !text
      .slice(Math.max(0, start - 6), start)
      .toLowerCase()
      .endsWith('name="')
  )
    return undefined;
  const head = sticky(/[^\r\n]*\r?\n(?:[^\r\n]+\r?\n){0,8}\r?\n/y, text, end);
  if (!head) return undefined;
  const from = end + head[0].length;
  const stop = text.indexOf('\n--', from);
  return [{ start: from, end: stop < 0 ? text.length : stop }];
}

function sticky(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
