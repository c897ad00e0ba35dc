import { type BareItem, type Cursor, readBareItem, take } from './bare-item.ts';

/** Parameters of an item: a key without a value is true; the last of two with one key counts (RFC 9651, 4.2.3.2). */
export type Parameters = ReadonlyMap<string, BareItem>;

/** An item with its parameters (RFC 9651, 3.3). */
export interface Item {
  readonly bare: BareItem;
  readonly parameters: Parameters;
}

/** Several items in brackets, with parameters of their own (RFC 9651, 3.1.1). */
export interface InnerList {
  readonly items: readonly Item[];
  readonly parameters: Parameters;
}

const KEY = /[a-z*][a-z0-9_\-.*]*/y;
const SPACES = / */y;
/** Optional white space around commas: tabs too (RFC 9110, 5.6.3). */
const WHITE = /[ \t]*/y;
const TRUE: BareItem = { type: 'boolean', value: true };

/**
 * A field whose value is a list (RFC 9651, 4.2.1). Undefined when any of it is malformed: such a field is ignored as a whole
 * (RFC 9651, 4.2). Time grows with the length of the text, and nothing is thrown.
 */
export function parseList(text: string): (Item | InnerList)[] | undefined {
  const members: (Item | InnerList)[] = [];
  const whole = readMembers(text, (cursor) => {
    const member = readMember(cursor);
    if (member) members.push(member);
    return member !== undefined;
  });
  return whole ? members : undefined;
}

/** A field whose value is a dictionary (RFC 9651, 4.2.2): the last of two members with one key counts. Undefined as for lists. */
export function parseDictionary(text: string): ReadonlyMap<string, Item | InnerList> | undefined {
  const members = new Map<string, Item | InnerList>();
  const whole = readMembers(text, (cursor) => {
    const key = take(cursor, KEY)?.[0];
    if (key === undefined) return false;
    const member = stepOver(cursor, '=') ? readMember(cursor) : withParameters(cursor, TRUE);
    if (member) members.set(key, member);
    return member !== undefined;
  });
  return whole ? members : undefined;
}

/** Members with commas between them; whether the whole text was that. */
function readMembers(text: string, member: (cursor: Cursor) => boolean): boolean {
  const cursor: Cursor = { text, at: 0 };
  take(cursor, SPACES);
  while (cursor.at < text.length) {
    if (!member(cursor)) return false;
    take(cursor, WHITE);
    if (cursor.at === text.length) return true;
    if (!stepOver(cursor, ',')) return false;
    take(cursor, WHITE);
    // A comma at the end is an error (RFC 9651, 4.2.1).
    if (cursor.at === text.length) return false;
  }
  return true;
}

function readMember(cursor: Cursor): Item | InnerList | undefined {
  return cursor.text[cursor.at] === '(' ? readInnerList(cursor) : readItem(cursor);
}

function readItem(cursor: Cursor): Item | undefined {
  const bare = readBareItem(cursor);
  return bare && withParameters(cursor, bare);
}

function withParameters(cursor: Cursor, bare: BareItem): Item | undefined {
  const parameters = readParameters(cursor);
  return parameters && { bare, parameters };
}

function readInnerList(cursor: Cursor): InnerList | undefined {
  const items: Item[] = [];
  stepOver(cursor, '(');
  for (;;) {
    const space = take(cursor, SPACES)?.[0] ?? '';
    if (stepOver(cursor, ')')) break;
    // Items are told apart by at least one space.
    if (items.length > 0 && space === '') return undefined;
    const item = readItem(cursor);
    if (!item) return undefined;
    items.push(item);
  }
  const parameters = readParameters(cursor);
  return parameters && { items, parameters };
}

function readParameters(cursor: Cursor): Parameters | undefined {
  const parameters = new Map<string, BareItem>();
  while (stepOver(cursor, ';')) {
    take(cursor, SPACES);
    const key = take(cursor, KEY)?.[0];
    if (key === undefined) return undefined;
    const value = stepOver(cursor, '=') ? readBareItem(cursor) : TRUE;
    if (!value) return undefined;
    parameters.set(key, value);
  }
  return parameters;
}

/** Whether the character was there; then the cursor stands behind it. */
function stepOver(cursor: Cursor, character: string): boolean {
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  return true;
}
