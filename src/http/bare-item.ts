/** A bare item of a structured field (RFC 9651, 3.3). */
export type BareItem =
  | { readonly type: 'integer' | 'decimal' | 'date'; readonly value: number }
  | { readonly type: 'string' | 'token' | 'display'; readonly value: string }
  | { readonly type: 'bytes'; readonly value: Uint8Array }
  | { readonly type: 'boolean'; readonly value: boolean };

/** Where the reading of a text has come to. */
export interface Cursor {
  readonly text: string;
  at: number;
}

/** What `pattern` (sticky) matches at the cursor, which then stands behind it. */
export function take(cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (found === null) return undefined;
  cursor.at = pattern.lastIndex;
  return found;
}

const NUMBER = /(-?)(\d+)(\.\d*)?/y;
const STRING = /"((?:[ !#-[\]-~]|\\["\\])*)"/y;
const TOKEN = /[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*/y;
const BYTES = /:([A-Za-z0-9+/=]*):/y;
const BOOLEAN = /\?([01])/y;
const DISPLAY = /%"((?:[ !#$&-~]|%[0-9a-f]{2})*)"/y;

/** Reads one bare item (RFC 9651, 4.2.3.1). Undefined for anything that is none. Time grows with what is read. */
export function readBareItem(cursor: Cursor): BareItem | undefined {
  const first = cursor.text[cursor.at] ?? '';
  if (first === '-' || (first >= '0' && first <= '9')) return readNumber(cursor);
  if (first === '"') return readString(cursor);
  if (first === ':') return readBytes(cursor);
  if (first === '?') {
    const found = take(cursor, BOOLEAN);
    return found && { type: 'boolean', value: found[1] === '1' };
  }
  if (first === '@') {
    cursor.at += 1;
    const at = readNumber(cursor);
    return at?.type === 'integer' ? { type: 'date', value: at.value } : undefined;
  }
  if (first === '%') return readDisplay(cursor);
  const found = take(cursor, TOKEN);
  return found && { type: 'token', value: found[0] };
}

/** At most 15 digits, or 12 before the point and 1 to 3 behind it (RFC 9651, 4.2.4). */
function readNumber(cursor: Cursor): { type: 'integer' | 'decimal'; value: number } | undefined {
  const [text = '', , whole = '', fraction] = take(cursor, NUMBER) ?? [];
  if (fraction === undefined)
    return whole === '' || whole.length > 15 ? undefined : { type: 'integer', value: Number(text) };
  const fits = whole.length <= 12 && fraction.length >= 2 && fraction.length <= 4;
  return fits ? { type: 'decimal', value: Number(text) } : undefined;
}

function readString(cursor: Cursor): BareItem | undefined {
  const found = take(cursor, STRING);
  return found && { type: 'string', value: (found[1] ?? '').replace(/\\(.)/g, '$1') };
}

/** Padding may be missing, and its bits need not be zero (RFC 9651, 4.2.7). */
function readBytes(cursor: Cursor): BareItem | undefined {
  const found = take(cursor, BYTES);
  return found && { type: 'bytes', value: new Uint8Array(Buffer.from(found[1] ?? '', 'base64')) };
}

/** Percent-encoded UTF-8 (RFC 9651, 4.2.10). */
function readDisplay(cursor: Cursor): BareItem | undefined {
  const found = take(cursor, DISPLAY);
  if (!found) return undefined;
  try {
    return { type: 'display', value: decodeURIComponent(found[1] ?? '') };
  } catch {
    return undefined;
  }
}
