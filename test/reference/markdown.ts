/** A Markdown table; empty when there are no rows. Cells may hold anything on one line. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Code in a line of text; nothing for nothing. */
export function code(text: string | undefined): string {
  return text ? `\`${text}\`` : '';
}

/** Blocks with a blank line between them, and one line end at the end; empty blocks are left out. */
export function page(...blocks: readonly string[]): string {
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** First lines of every generated page. */
export function generated(title: string, from: string): string {
  return `# ${title}\n\nGenerated from ${from} by \`npm run docs\`. Change the code, not this page.`;
}

function cell(text: string): string {
  const plain = (part: string) => (part.startsWith('`') ? part : part.replaceAll('<', '\\<'));
  const line = text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
  return line
    .split(/(`[^`]*`)/)
    .map(plain)
    .join('');
}
