import type { Argument, Command, Option } from 'commander';

/** What a person has typed, read by the command tree as commander would read it. */
export interface TypedLine {
  /** The command that the words name so far. */
  readonly command: Command;
  /** What the word under the cursor is for. */
  readonly expected: Expected;
  /** The part of that word that is to be completed. */
  readonly word: string;
  /** What stands before it in the same word: `--env=`, or nothing. */
  readonly prefix: string;
  /** Arguments of the command that stand before the word. */
  readonly args: readonly string[];
  /** Values of options that stand before it, by long name without dashes (`--no-input`: `input`); the last one counts. */
  readonly values: Readonly<Record<string, string>>;
}

/** `help`: whatever `lwi help` explains; `foreign`: behind `--` a word belongs to another program; `nothing`: the command takes no more words. */
export type Expected =
  | { readonly kind: 'help' }
  | { readonly kind: 'value'; readonly option: Option }
  | { readonly kind: 'option' }
  | { readonly kind: 'command' }
  | { readonly kind: 'argument'; readonly argument: Argument }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'nothing' };

/** Reads the words behind `lwi`, of which the last is the one under the cursor and may be empty. Nothing is refused: people are still typing. */
export function readTypedLine(program: Command, words: readonly string[]): TypedLine {
  const before = words.slice(0, -1);
  const word = words.at(-1) ?? '';
  const values: Record<string, string> = {};
  const args: string[] = [];
  let command = program;
  let help = false;
  /** The option whose value comes next; one that takes several goes on taking. */
  let open: Option | undefined;
  const line = (expected: Expected, rest = word) => ({
    ...{ command, expected, args, values },
    ...{ word: rest, prefix: word.slice(0, word.length - rest.length) },
  });
  for (const [index, one] of before.entries()) {
    const option: Option | undefined = open;
    if (option && (!option.variadic || !one.startsWith('-'))) {
      values[nameOf(option)] = one;
      if (!option.variadic) open = undefined;
      continue;
    }
    open = undefined;
    if (one === '--') return line({ kind: 'foreign' });
    if (one.startsWith('-') && one !== '-') {
      const found = findOption(command, one);
      if (found?.value !== undefined) values[nameOf(found.option)] = found.value;
      else if (found && takesValue(found.option)) open = found.option;
      continue;
    }
    // `lwi help token get` names a command as `lwi token get` does.
    if (index === before.indexOf('help') && command === program && args.length === 0) {
      help = true;
      continue;
    }
    const child = args.length === 0 ? command.commands.find((each) => each.name() === one) : undefined;
    if (child) command = child;
    else args.push(one);
  }
  if (open && !(open.variadic && word.startsWith('-'))) return line({ kind: 'value', option: open });
  if (word.startsWith('-')) {
    const joined = findOption(command, word);
    if (joined?.value !== undefined) return line({ kind: 'value', option: joined.option }, joined.value);
    return line({ kind: 'option' });
  }
  if (help && command === program && (args.length === 0 || args.join() === 'errors')) return line({ kind: 'help' });
  return line(expectedWord(command, args));
}

/** A command, or the argument that is next. `lwi limits [provider]` has both and offers both: verbs come with the argument. */
function expectedWord(command: Command, args: readonly string[]): Expected {
  const declared = command.registeredArguments;
  const last = declared.at(-1);
  const argument = declared[args.length] ?? (last?.variadic ? last : undefined);
  if (argument) return { kind: 'argument', argument };
  return command.commands.length > 0 && args.length === 0 ? { kind: 'command' } : { kind: 'nothing' };
}

/** Options of the command and of those above it: all of them are taken anywhere behind its name. */
export function optionsOf(command: Command): readonly Option[] {
  const inherited = command.parent ? optionsOf(command.parent) : [];
  const names = new Set(command.options.map((option) => option.long));
  // The version is the program's alone.
  return [...command.options, ...inherited.filter(({ long }) => !names.has(long) && long !== '--version')];
}

function findOption(command: Command, word: string): { option: Option; value: string | undefined } | undefined {
  const options = optionsOf(command);
  const equals = word.indexOf('=');
  const name = equals > 0 && word.startsWith('--') ? word.slice(0, equals) : word;
  const option = options.find(({ long, short }) => long === name || short === name);
  if (option) return { option, value: name === word ? undefined : word.slice(equals + 1) };
  if (word.startsWith('--')) return undefined;
  const short = options.find((each) => each.short === word.slice(0, 2));
  // `-aacme`: the value of a short option may stand right behind it.
  if (!short || takesValue(short)) return short && { option: short, value: word.slice(2) };
  // `-qa acme`: behind one without a value, another one.
  return findOption(command, `-${word.slice(2)}`);
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function nameOf(option: Option): string {
  return option.name().replace(/^no-/, '');
}
