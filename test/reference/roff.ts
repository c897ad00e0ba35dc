/** Longest line of source; mandoc wants them short. */
const LONGEST_LINE = 78;

/** Characters that man(7) would show as another one, or that are none of ASCII (groff_char(7)). */
const NAMED: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

/** Text on lines that man(7) shows as it is. */
export function escaped(text: string): string {
  const safe = text.replace(/[\\\-'`^~]/g, (character) => NAMED[character] ?? character);
  return safe.replace(/[^\n\x20-\x7e]/gu, (character) => `\\[u${hex(character)}]`);
}

/** A paragraph: what stands in backquotes becomes bold, sentences begin on lines of their own. */
export function paragraph(text: string): string {
  const sentences = text
    .replace(/\s+/g, ' ')
    .trim()
    .split(/(?<=[.!?]) (?=[A-Z`])/);
  return sentences.flatMap((sentence) => folded(styled(sentence))).join('\n');
}

/** A term and what it means. */
export function tagged(term: string, text: string): string {
  return `.TP\n${bold(term)}\n${text === '' ? '\\&' : paragraph(text)}`;
}

/** Lines that keep their breaks and blanks. */
export function verbatim(text: string): string {
  const lines = text.split('\n').map((line) => guarded(escaped(line)));
  return ['.PP', '.nf', '.RS 2', ...lines.map((line) => (line === '' ? '\\&' : line)), '.RE', '.fi'].join('\n');
}

/** Bold text on a line of its own. */
export function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** A macro with its arguments. */
export function macro(name: string, ...words: readonly string[]): string {
  return [`.${name}`, ...words.map((word) => `"${escaped(word).replaceAll('"', '\\(dq')}"`)].join(' ');
}

function styled(text: string): string {
  const parts = text.split(/`([^`]+)`/);
  return parts.map((part, at) => (at % 2 === 1 ? bold(part) : escaped(part))).join('');
}

function folded(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > LONGEST_LINE) {
      lines.push(guarded(line));
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, guarded(line)];
}

/** A dot at the beginning of a line would be a macro; an apostrophe is written as a name. */
function guarded(line: string): string {
  return line.startsWith('.') ? `\\&${line}` : line;
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
