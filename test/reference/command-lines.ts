import type { Command, Option } from 'commander';

/** A command line that a page shows, and where. */
export interface ShownLine {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/**
 * Every `lwi …` command line of a Markdown page: in `console` blocks the lines behind `$ `, in other blocks those that begin with
 * `lwi`, in the text those between backticks. A backslash at the end of a line continues it.
 */
export function shownLines(file: string, markdown: string): ShownLine[] {
  const shown: ShownLine[] = [];
  let block: string | undefined;
  const lines = markdown.replaceAll('\\\n', '').split('\n');
  for (const [index, line] of lines.entries()) {
    const at = (text: string) => ({ file, line: index + 1, text: text.trim() });
    const fence = /^\s*```(\w*)/.exec(line);
    if (fence) {
      block = block === undefined ? fence[1] : undefined;
      continue;
    }
    if (block === undefined) {
      const spans = [...line.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
      for (const part of spans.flatMap(commandsIn)) shown.push(at(part));
      continue;
    }
    const command = block === 'console' ? /^\s*\$ (.*)/.exec(line)?.[1] : line;
    for (const part of command === undefined ? [] : commandsIn(command)) shown.push(at(part));
  }
  return shown;
}

/** The calls of lwi in a line of shell: behind variables, in pipes and lists, without redirections and comments. */
function commandsIn(line: string): string[] {
  const bare = line.replace(/(^|\s)#.*$/, '').replace(/\s(?:[12]?>+\s*|<\s+)\S+/g, '');
  return bare
    .replace(/\$\(([^)]*)\)"?/g, ';$1;')
    .split(/\s*(?:\|\||&&|\||;)\s*/)
    .map((part) => part.replace(/^\s*(?:export\s+)?(?:[A-Z_]+=\S*\s+)*(?:npx\s+)?/, ''))
    .filter((part) => /^lwi(\s|$)/.test(part));
}

/** What is wrong with a command line, measured by the tree; undefined when nothing is. */
export function problemWith(program: Command, text: string): string | undefined {
  const words = text.match(/"[^"]*"|'[^']*'|<[^>]*>|\S+/g)?.slice(1) ?? [];
  // What the scripts of `lwi completion` ask; it is no command of a person's.
  if (words[0] === 'complete') return undefined;
  let command = program;
  let given = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    // What follows is another program's (`lwi exec`).
    if (word === '--') break;
    if (/^(…|\[options\])$/.test(word)) continue;
    if (word.startsWith('-') && word !== '-') {
      const option = optionOf(command, word.replace(/^-(\w)\1+$/, '-$1').replace(/=.*/, ''));
      if (!option) return `${nameOf(command)} has no option ${word}`;
      if (takesValue(option) && !word.includes('=')) at += valuesAfter(words, at, option);
      continue;
    }
    const child: Command | undefined = given === 0 ? command.commands.find((one) => one.name() === word) : undefined;
    if (child) command = child;
    else if (command.commands.length > 0 && command.registeredArguments.length === 0 && word !== 'help')
      return `${nameOf(command)} has no command ${word}`;
    else given += 1;
  }
  const most = command.registeredArguments.at(-1)?.variadic
    ? Number.POSITIVE_INFINITY
    : command.registeredArguments.length;
  return given > most && command !== program ? `${nameOf(command)} takes ${most} arguments, not ${given}` : undefined;
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

/** How many words the option eats; one that may be repeated eats all up to the next option. */
function valuesAfter(words: readonly string[], at: number, option: Option): number {
  if (!option.variadic) return 1;
  const next = words.findIndex((word, index) => index > at && word.startsWith('-'));
  return (next < 0 ? words.length : next) - at - 1;
}

function optionOf(command: Command, flag: string): Option | undefined {
  const own = command.options.find((option) => option.short === flag || option.long === flag);
  if (own || !command.parent) return own ?? (flag === '-h' || flag === '--help' ? HELP : undefined);
  return optionOf(command.parent, flag);
}

const HELP = { required: false, optional: false } as Option;

function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}
