import { stripVTControlCharacters } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';

/**
 * Columns that a text takes in a terminal: none for colours, marks and format characters, two for wide ones. Not `string-width`, whose
 * segmenter costs more than the rest of a start; emoji joined from several are counted one by one.
 */
export function stringWidth(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const character of plain) {
    if (!/^[\p{Mark}\p{Format}\p{Control}]$/u.test(character)) width += eastAsianWidth(character.codePointAt(0) ?? 0);
  }
  return width;
}
