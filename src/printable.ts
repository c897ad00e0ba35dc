/**
 * Text from outside made safe for a terminal: control characters are taken out, so that a company name or an error message can neither
 * move the cursor nor hide what stands before it. Colours (SGR sequences) stay; line ends become spaces unless `lines` are kept.
 */
export function printable(text: string, { lines = false } = {}): string {
  const kept = lines ? text : text.replace(/[\r\n\u2028\u2029]+/g, ' ');
  return kept.replace(UNSAFE, '');
}

/** Text from outside on one line and without colours: for names and messages, which lwi paints itself. */
export function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be found
  return printable(text.replace(/\u001b\[[0-9;]*m/g, '')).replace(/[\n\t]+/g, ' ');
}

/**
 * JSON text as it is, with what could steer a terminal or break a line written as escapes, which mean the same to every reader of JSON (RFC 8259, 7). JSON
 * has its own for C0.
 */
export function printableJson(json: string): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escaped);
}

/** C0 but line feed, DEL and C1; an escape that begins no colour; direction overrides (Unicode TR 36, 2.2). */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be found
  /\u001b(?!\[[0-9;]*m)|[\u0000-\u0009\u000b-\u001a\u001c-\u001f\u007f-\u009f]|[\u202a-\u202e\u2066-\u2069]/g;
