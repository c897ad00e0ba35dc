/** What a text of PostgreSQL cannot hold, and the sign that stands before what is put in its place. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are looked for.
const ODD = /[\0\u0001\p{Surrogate}]/u;

/**
 * Text from outside that must stay distinct and in its order, such as an id. A text of PostgreSQL holds no NUL
 * (https://www.postgresql.org/docs/current/datatype-character.html), and no half of a surrogate pair is UTF-8; each is written as two or more other
 * characters, which compare as it did.
 */
export function toStored(text: string): string {
  if (!ODD.test(text)) return text;
  return text.replaceAll(new RegExp(ODD, 'gu'), (sign) =>
    sign === '\0'
      ? '\u0001\u0001'
      : sign === '\u0001'
        ? '\u0001\u0002'
        : `\u0001\u0003${sign.charCodeAt(0).toString(16)}`,
  );
}

/** What was given to `toStored`. */
export function fromStored(text: string): string {
  if (!text.includes('\u0001')) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the signs that `toStored` writes.
  return text.replaceAll(/\u0001(?:(\u0001)|(\u0002)|\u0003([0-9a-f]{4}))/g, (_, nul, sign, half) =>
    nul ? '\0' : sign ? '\u0001' : String.fromCharCode(Number.parseInt(half, 16)),
  );
}

/** Text that only people read, or that is compared with nothing, without the one character that a text of PostgreSQL cannot hold. */
export function legible<Text extends string | undefined>(text: Text): Text {
  return text?.replaceAll('\0', '\ufffd') as Text;
}
