import { hashOf } from '../seeded-random.ts';

/** Part of a list, and the cursor of the next part: empty at the end. */
export interface CursorPage<T> {
  readonly items: readonly T[];
  readonly next: string;
}

const encode = (text: string) => Buffer.from(text, 'utf8').toString('base64');
const decode = (cursor: string) => Buffer.from(cursor, 'base64').toString('utf8');

/** The cursor `<name>:<value>`; Slack's look like this too, and are opaque all the same. */
export function writeCursor(name: string, value: string | number): string {
  return encode(`${name}:${value}`);
}

/** The value of a cursor; undefined when it is none of this name. */
export function readCursor(name: string, cursor: string): string | undefined {
  const text = decode(cursor);
  return text.startsWith(`${name}:`) ? text.slice(name.length + 1) : undefined;
}

/**
 * A page at an offset. Some pages are shorter than asked for, and some are empty although more follows, as Slack's may be
 * (docs.slack.dev, pagination); which ones depends on the seed. 'invalid_cursor' for a cursor that is none.
 */
export function cursorPage<T>(
  seed: number,
  cursor: string,
  limit: number,
  select: (offset: number, limit: number) => readonly T[],
): CursorPage<T> | 'invalid_cursor' {
  const position = cursor === '' ? '0' : (readCursor('offset', cursor) ?? readCursor('after_empty', cursor));
  if (position === undefined || !/^\d{1,12}$/.test(position)) return 'invalid_cursor';
  const offset = Number(position);
  const chance = hashOf(seed, 11, offset) % 8;
  if (offset > 0 && chance === 0 && readCursor('after_empty', cursor) === undefined) {
    return { items: [], next: writeCursor('after_empty', offset) };
  }
  const size = chance === 1 ? Math.ceil(limit / 2) : limit;
  const rows = select(offset, size + 1);
  return { items: rows.slice(0, size), next: rows.length > size ? writeCursor('offset', offset + size) : '' };
}
