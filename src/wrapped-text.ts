import { stringWidth } from './string-width.ts';

/** Lines of at most `room` columns, broken between words; a longer word stands whole, so that it can be copied. A text that fits stays as it is. */
export function wrappedText(text: string, room: number): string[] {
  if (!text.includes('\n') && stringWidth(text) <= room) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
