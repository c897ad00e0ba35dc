import { isSecretHeader, REDACTED } from '../http/redact.ts';
import { knownSecrets } from '../secret.ts';
import { type SecretFinder, secretFinder } from './secret-forms.ts';
import { isSecretName, namedValues, secretPairs } from './secret-names.ts';
import { viewsOf } from './text-view.ts';

/** Takes credentials out of what is about to be written. The same text always becomes the same. */
export interface Redactor {
  /** The same array when there is nothing in it. `form`: it is a form or a query, whose pairs are split before they are decoded. */
  bytes(bytes: Uint8Array, form?: boolean): Uint8Array;
  text(text: string, form?: boolean): string;
  /** An absolute URL in its normal form, without fragment. */
  url(url: string): string;
  /** Plain JSON data, also under names of credentials. */
  json(value: unknown): unknown;
}

/**
 * Shapes of credentials in any text. Stricter than those for messages, because these texts are data: a service called
 * "Basic Insurance" stays, a Basic value has to be base64 of a name and a password.
 */
const SHAPES: readonly RegExp[] = [
  /(?<=\bBearer\s+)(?=[A-Za-z._~+/=-]*\d)[A-Za-z0-9._~+/=-]{12,}/gi,
  /(?<=\bBasic\s+)[A-Za-z0-9+/_-]{8,}={0,2}/gi,
  /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_.-]*/g,
  /(?<=:\/\/)[^\s/?#@"'<>\\]{0,256}:[^\s/?#@"'<>\\]{1,1024}(?=@)/g,
];

/**
 * A redactor for values known to be secret now and later, secret names, the shapes of credentials, and `own` patterns of providers.
 * `secrets` gives the values known by now.
 */
export function createRedactor(own: readonly RegExp[], secrets: () => Iterable<string> = knownSecrets): Redactor {
  const patterns = [
    ...SHAPES,
    ...own.map(({ source, flags }) => new RegExp(source, [...new Set(`${flags}g`)].join(''))),
  ];
  let finder: { readonly of: string; readonly find: SecretFinder['find'] } | undefined;
  /** Secrets come while a run lasts: a refreshed token. */
  const known = () => {
    const values = [...secrets()];
    const of = `${values.length} ${values.at(-1)}`;
    if (finder?.of !== of) finder = { of, find: secretFinder(values).find };
    return finder;
  };

  const once = (original: string, form: boolean): string => {
    const { find } = known();
    const found: Cut[] = (form ? secretPairs(original) : []).map(({ start, end }) => ({ start, end, by: REDACTED }));
    for (const [depth, view] of viewsOf(original).entries()) {
      const cut = (from: number, to: number, by = REDACTED) => {
        const [start, end] = view.back(from, to);
        if (end > start) found.push({ start, end, by });
      };
      for (const [from, to] of find(view.text)) cut(from, to);
      for (const pattern of patterns) {
        for (const match of view.text.matchAll(pattern)) {
          if (isCredential(pattern, match[0])) cut(match.index, match.index + match[0].length);
        }
      }
      for (const { start, end, number } of namedValues(view.text)) {
        cut(start, end, number ? (depth === 0 ? `"${REDACTED}"` : 'null') : REDACTED);
      }
    }
    return found.length === 0 ? original : withoutCuts(original, found);
  };
  /** Until nothing is left to be found: a text that has been through here does not change again, so that requests can be compared. */
  const latin1 = (original: string, form: boolean): string => {
    let text = original;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const before = text;
      text = once(before, form);
      if (text === before) break;
    }
    return text;
  };
  const bytes: Redactor['bytes'] = (given, form = false) => {
    const before = Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString('latin1');
    const after = latin1(before, form);
    return after === before ? given : Buffer.from(after, 'latin1');
  };
  const text: Redactor['text'] = (given, form) => {
    const before = Buffer.from(given);
    const after = bytes(before, form);
    return after === before ? given : Buffer.from(after).toString();
  };
  const json: Redactor['json'] = (value) => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map(json);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        text(name),
        (isSecretName(name) || isSecretHeader(name)) && typeof member === 'string' ? REDACTED : json(member),
      ]),
    );
  };
  const url: Redactor['url'] = (given) => {
    if (!URL.canParse(given)) return text(given);
    const { origin, pathname, search, username, password } = new URL(given);
    const user = username || password ? `${REDACTED}@` : '';
    const place = text(`${origin}${pathname}`).replace('//', `//${user}`);
    return search === '' ? place : `${place}?${text(search.slice(1), true)}`;
  };
  return { bytes, text, url, json };
}

/** What is cut out can make its surroundings read otherwise, but not for long. */
const MOST_ROUNDS = 8;

interface Cut {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/** What follows `Basic` is a credential when it decodes to a name and a password (RFC 7617, 2). */
function isCredential(pattern: RegExp, match: string): boolean {
  return pattern !== SHAPES[1] || Buffer.from(match, 'base64').includes(':');
}

function withoutCuts(text: string, cuts: readonly Cut[]): string {
  const parts: string[] = [];
  let read = 0;
  let open: Cut | undefined;
  const close = () => {
    if (!open) return;
    parts.push(text.slice(read, open.start), open.by);
    read = open.end;
  };
  for (const cut of cuts.map((each) => beyondEscapes(text, each)).sort(inOrder)) {
    if (open && cut.start < open.end) {
      open = { ...open, end: Math.max(open.end, cut.end) };
      continue;
    }
    close();
    open = cut;
  }
  close();
  return parts.join('') + text.slice(read);
}

/** By place; of cuts at one place, first the longest, and first what knows the syntax around it. */
function inOrder(a: Cut, b: Cut): number {
  return a.start - b.start || b.end - a.end || Number(a.by === REDACTED) - Number(b.by === REDACTED);
}

/** Half an escape would leave JSON that is none. */
function beyondEscapes(text: string, { start, end, by }: Cut): Cut {
  const split = (at: number) => {
    let first = at;
    while (first > 0 && text.charAt(first - 1) === '\\') first--;
    return (at - first) % 2 === 1;
  };
  return { start: split(start) ? start - 1 : start, end: split(end) && end < text.length ? end + 1 : end, by };
}
