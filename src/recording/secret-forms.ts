/** A text that gives a secret away, as bytes (latin1), and how many characters beside a match still hold bits of it. */
interface Form {
  readonly text: string;
  readonly before: number;
  readonly after: number;
}

/** Shorter texts would be found in ordinary data. */
const SHORTEST = 6;

/** How much of a form the first look compares, characters. */
const PREFIX = 24;

/** Finds a set of values in a text, each one plain, in hex and in base64 (both alphabets, at any offset). */
export interface SecretFinder {
  /** Ranges in `text`, which is bytes (latin1), in their order. */
  find(text: string): readonly (readonly [number, number])[];
}

/**
 * A finder for these values. Escapes are not its business: it is asked for each reading of a text. One pass over the text, whatever the number
 * of values.
 */
export function secretFinder(secrets: Iterable<string>): SecretFinder {
  const byPrefix = new Map<string, Form[]>();
  for (const secret of secrets) {
    for (const form of formsOf(secret)) {
      const prefix = form.text.slice(0, PREFIX);
      byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), form]);
    }
  }
  // Longer ones first: a prefix may begin another one.
  const prefixes = [...byPrefix.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  if (prefixes.length === 0) return { find: () => [] };
  const first = new RegExp(prefixes.map(literal).join('|'), 'g');
  return {
    find: (text) => {
      const ranges: (readonly [number, number])[] = [];
      first.lastIndex = 0;
      for (let match = first.exec(text); match; match = first.exec(text)) {
        const at = match.index;
        // A shorter prefix at the same place may be the one that goes on.
        for (const prefix of prefixes) {
          if (!match[0].startsWith(prefix)) continue;
          for (const { text: form, before, after } of byPrefix.get(prefix) ?? []) {
            if (text.startsWith(form, at)) ranges.push(widened(text, at, at + form.length, before, after));
          }
        }
        first.lastIndex = at + 1;
      }
      return ranges;
    },
  };
}

/** The value and what it looks like inside other values: in a Basic header it is form-encoded and then base64 (RFC 6749, 2.3.1). */
function formsOf(secret: string): Form[] {
  const wellFormed = secret.toWellFormed();
  const escaped = JSON.stringify(wellFormed).slice(1, -1);
  const json = [escaped, escaped.replaceAll('/', '\\/')];
  const inForm = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
  const escapedOnce = [wellFormed, ...json];
  const forms: Form[] = [];
  for (const variant of new Set([...escapedOnce, ...escapedOnce.map(encodeURIComponent), ...escapedOnce.map(inForm)])) {
    const bytes = Buffer.from(variant);
    // As it stands too: beside a stray `%` or backslash the escapes read otherwise.
    forms.push(exact(bytes.toString('latin1')), exact(lowerHex(bytes.toString('latin1'))));
    forms.push(exact(bytes.toString('hex')), exact(bytes.toString('hex').toUpperCase()));
    for (const offset of [0, 1, 2]) forms.push(...base64At(bytes, offset));
  }
  return forms.filter(({ text }) => text.length >= SHORTEST);
}

/** The characters of base64 that the value alone decides when `offset` bytes stand before it in its group of three (RFC 4648, 4). */
function base64At(bytes: Buffer, offset: number): Form[] {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const start = Math.ceil((offset * 8) / 6);
  const end = Math.floor((padded.length * 8) / 6);
  const edges = { before: offset === 0 ? 0 : 1, after: padded.length % 3 === 0 ? 0 : 1 };
  const [standard, url] = (['base64', 'base64url'] as const).map((alphabet) => ({
    text: padded.toString(alphabet).slice(start, end),
    ...edges,
  }));
  return [standard, url].filter((form) => form !== undefined);
}

/** The characters at the edges hold bits of the value and of its neighbours. */
function widened(text: string, start: number, end: number, before: number, after: number): readonly [number, number] {
  const inAlphabet = (at: number) => /[A-Za-z0-9+/_-]/.test(text.charAt(at));
  return [before > 0 && inAlphabet(start - 1) ? start - 1 : start, after > 0 && inAlphabet(end) ? end + 1 : end];
}

const exact = (text: string): Form => ({ text, before: 0, after: 0 });
const lowerHex = (text: string) => text.replace(/%[0-9A-F]{2}/g, (digits) => digits.toLowerCase());
const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
