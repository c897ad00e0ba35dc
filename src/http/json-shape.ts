/** Bytes that JSON takes for blanks (RFC 8259, 2). */
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);
/** First bytes of a text, a number, true, false and null. */
const SCALARS = new Set([...'"-0123456789tfn'].map((char) => char.charCodeAt(0)));
const CLOSING: ReadonlyMap<number, number> = new Map([
  [0x7b, 0x7d],
  [0x5b, 0x5d],
]);

/**
 * Whether bytes begin and end as JSON does; a look at two bytes and no parse, so that an answer is not read twice. False is certain: a page of HTML,
 * an empty body, an object that was cut off. True is not: whoever parses it finds out.
 */
export function mayBeJson(body: Uint8Array): boolean {
  let first = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  while (BLANKS.has(body[first] ?? -1)) first++;
  let last = body.length - 1;
  while (last > first && BLANKS.has(body[last] ?? -1)) last--;
  const opening = body[first];
  if (opening === undefined) return false;
  const closing = CLOSING.get(opening);
  return closing === undefined ? SCALARS.has(opening) : last > first && body[last] === closing;
}
