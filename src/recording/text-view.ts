/**
 * A text as a reader would see it after it has undone an encoding, with the way back to the places in the original. Texts are bytes, one
 * character each (latin1), so that every encoding works on the same units.
 */
export interface TextView {
  readonly text: string;
  /** The range of the original that stands for `[start, end)` of this view. */
  back(start: number, end: number): readonly [number, number];
}

/** How deep encodings may lie in one another: JSON within a query within JSON. */
const DEEPEST = 3;

/** No text is looked at in more ways than this. */
const MOST_VIEWS = 16;

interface Encoding {
  /** What every text in this encoding holds; a quick look. */
  readonly sign: string;
  readonly escaped: RegExp;
  readonly meaning: (match: RegExpExecArray) => string;
}

const utf8 = (codePoint: number) =>
  codePoint < 0x80 ? String.fromCharCode(codePoint) : Buffer.from(String.fromCodePoint(codePoint)).toString('latin1');
const fromHex = (digits: string | undefined) => Number.parseInt(digits ?? '', 16);

const CONTROLS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Escapes in JSON strings (RFC 8259, 7). */
const JSON_STRING: Encoding = {
  sign: '\\',
  escaped: /\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(["\\/])|([bfnrt]))/g,
  meaning: ([, high, low, unit, itself, control]) => {
    if (high !== undefined) return utf8((fromHex(high) - 0xd800) * 0x400 + fromHex(low) - 0xdc00 + 0x10000);
    if (unit !== undefined) return utf8(fromHex(unit));
    return itself ?? CONTROLS[control ?? ''] ?? '';
  },
};

/** The same however often it was escaped, and beside a stray backslash that would make the escapes read otherwise. */
const LOOSE_JSON_STRING: Encoding = {
  ...JSON_STRING,
  escaped: /\\+(?:u([dD][89abAB][0-9a-fA-F]{2})\\+u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(["/]))/g,
};

/** Percent-encoding (RFC 3986, 2.1). */
const PERCENT: Encoding = {
  sign: '%',
  escaped: /%([0-9a-fA-F]{2})/g,
  meaning: ([, digits]) => String.fromCharCode(fromHex(digits)),
};

/** Forms write a blank as a plus (WHATWG URL, application/x-www-form-urlencoded). */
const FORM: Encoding = {
  sign: '+',
  escaped: /%([0-9a-fA-F]{2})|\+/g,
  meaning: ([, digits]) => (digits === undefined ? ' ' : String.fromCharCode(fromHex(digits))),
};

/** Character references of XML and HTML. */
const ENTITY: Encoding = {
  sign: '&',
  escaped: /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g,
  meaning: ([whole, decimal, hex, name]) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const codePoint = decimal === undefined ? fromHex(hex) : Number(decimal);
    return codePoint <= 0x10ffff ? utf8(codePoint) : whole;
  },
};

/** The text as it stands, and as it reads with JSON, percent, form and entity encoding undone, in any order up to three deep. */
export function viewsOf(original: string): readonly TextView[] {
  const views: TextView[] = [{ text: original, back: (start, end) => [start, end] }];
  const seen = new Set([original]);
  let from = 0;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const to = views.length;
    for (const view of views.slice(from, to)) {
      for (const encoding of [JSON_STRING, PERCENT, FORM, ENTITY, LOOSE_JSON_STRING]) {
        const read = views.length < MOST_VIEWS ? undone(view, encoding) : undefined;
        if (!read || seen.has(read.text)) continue;
        seen.add(read.text);
        views.push(read);
      }
    }
    from = to;
  }
  return views;
}

function undone(view: TextView, { sign, escaped, meaning }: Encoding): TextView | undefined {
  if (!view.text.includes(sign)) return undefined;
  const parts: string[] = [];
  const marks: Mark[] = [];
  let read = 0;
  let length = 0;
  for (const match of view.text.matchAll(escaped)) {
    const before = view.text.slice(read, match.index);
    const plain = meaning(match);
    read = match.index + match[0].length;
    marks.push({ at: length + before.length, size: plain.length, from: match.index, to: read });
    parts.push(before, plain);
    length += before.length + plain.length;
  }
  if (marks.length === 0) return undefined;
  parts.push(view.text.slice(read));
  return {
    text: parts.join(''),
    back: (start, end) => view.back(place(marks, start).from, place(marks, Math.max(start, end - 1)).to),
  };
}

/** An escape: where its meaning stands in the view, and where it stood before. */
interface Mark {
  readonly at: number;
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** The range in the text before that stands for one character of the view. */
function place(marks: readonly Mark[], position: number): { from: number; to: number } {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((marks[middle]?.at ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  const last = marks[low - 1];
  if (!last) return { from: position, to: position + 1 };
  if (position < last.at + last.size) return { from: last.from, to: last.to };
  const from = position - last.at - last.size + last.to;
  return { from, to: from + 1 };
}
