/** What a page asks its reader to do, in the order of the page. */
export type PageStep =
  | { readonly kind: 'file'; readonly line: number; readonly name: string; readonly text: string }
  | {
      readonly kind: 'command';
      readonly line: number;
      readonly command: string;
      /** Lines that the page shows as its output; undefined where it shows none. */
      readonly shown: readonly string[] | undefined;
      /** In a terminal of its own, where it goes on. */
      readonly beside: boolean;
    }
  | { readonly kind: 'shown-only'; readonly line: number; readonly why: string };

/**
 * Reads the steps out of a Markdown page: the commands of every `console` block with the output that follows them, and the lines of every `sh` block. A
 * comment on the line before the fence changes that: `<!-- shown only: why -->` leaves the block out, `<!-- beside -->` runs it in another terminal,
 * `<!-- file: name -->` makes a file of a block in any language.
 */
export function pageSteps(markdown: string): PageStep[] {
  const steps: PageStep[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const language = /^```(\w*)$/.exec(lines[at] ?? '')?.[1];
    if (language === undefined) continue;
    const line = at + 1;
    const end = lines.indexOf('```', at + 1);
    const block = lines.slice(at + 1, end);
    const [, order = '', argument = ''] =
      /^<!-- (shown only|beside|file)(?:: (.+?))? -->$/.exec(lines[at - 1] ?? '') ?? [];
    at = end;
    if (order === 'file') steps.push({ kind: 'file', line, name: argument, text: `${block.join('\n')}\n` });
    else if (language !== 'console' && language !== 'sh') continue;
    else if (order === 'shown only') steps.push({ kind: 'shown-only', line, why: argument });
    else {
      const commands = language === 'console' ? sessionOf(block, line) : scriptOf(block, line);
      steps.push(...commands.map((command) => ({ ...command, beside: order === 'beside' })));
    }
  }
  return steps;
}

type Command = Omit<Extract<PageStep, { kind: 'command' }>, 'beside'>;

/** `$ ` begins a command, a backslash or a pipe at the end continues it, everything else is output. */
function sessionOf(block: readonly string[], from: number): Command[] {
  const commands: { kind: 'command'; line: number; command: string; shown: string[] }[] = [];
  let open = false;
  for (const [index, text] of block.entries()) {
    const last = commands.at(-1);
    if (text.startsWith('$ '))
      commands.push({ kind: 'command', line: from + 1 + index, command: text.slice(2), shown: [] });
    else if (open && last) last.command += `\n${text}`;
    else last?.shown.push(text);
    open = (open || text.startsWith('$ ')) && /(\\|\|)$/.test(text);
  }
  return commands;
}

/** One command for each line that is not continued; comments are the shell's to skip. */
function scriptOf(block: readonly string[], from: number): Command[] {
  const commands: { kind: 'command'; line: number; command: string; shown: undefined }[] = [];
  let open = false;
  for (const [index, text] of block.entries()) {
    const last = commands.at(-1);
    if (open && last) last.command += `\n${text}`;
    else if (text.trim() !== '')
      commands.push({ kind: 'command', line: from + 1 + index, command: text, shown: undefined });
    open = /(\\|\|)$/.test(text);
  }
  return commands;
}
