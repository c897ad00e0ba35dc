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

/** C0 but line feed, DEL and C1; an escape that begins no colour; direction overrides (Unicode TR 36, 2.2). */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be found
  /\u001b(?!\[[0-9;]*m)|[\u0000-\u0009\u000b-\u001a\u001c-\u001f\u007f-\u009f]|[\u202a-\u202e\u2066-\u2069]/g;
