import type { Command } from 'commander';
import { commandNamed, pathOf } from '../help/command-tree.ts';

/** `withGivenOptions` puts these behind every hint. */
const PUT_BEHIND = ['--account', '--env', '--home'];

export interface TypedWords {
  /** The whole command tree. */
  readonly program: Command;
  /** The line as it was typed, without what belongs to somebody else. */
  readonly words: readonly string[];
  /** Names that may be shown again: those of commands and providers. */
  readonly known: readonly string[];
}

/**
 * The line that was meant: the command at `path` with the words that stood behind the mistyped one. A word that is no known name may be a secret in the wrong
 * place, and options may hold one: in their stead stands what the usage has there (`<path>`), and words that the command does not take are left out.
 */
export function meantLine({ program, words, known }: TypedWords, path: readonly string[], mistyped: string): string {
  const meant = commandNamed(program, path);
  const at = words.indexOf(mistyped);
  if (!meant || at < 0) return ['lwi', ...path].join(' ');
  let command: Command = meant;
  const options = [...command.options, ...program.options];
  const args: string[] = [];
  const given: string[] = [];
  const rest = words.slice(at + 1);
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [name = '', value] = word.split('=', 2);
    const verb = verbOf(command, args.length, word);
    if (verb) {
      command = verb;
      options.unshift(...verb.options);
    } else if (word.startsWith('-')) {
      const option = options.find(({ long, short }) => name === long || name === short);
      const placeholder = /[<[].*$/.exec(option?.flags ?? '')?.[0];
      if (option && placeholder && value === undefined) rest.shift();
      if (option && !PUT_BEHIND.includes(option.long ?? '')) given.push([name, placeholder].filter(Boolean).join(' '));
    } else {
      const argument = command.registeredArguments[args.length] ?? command.registeredArguments.at(-1);
      const room = argument?.variadic || args.length < command.registeredArguments.length;
      if (argument && room) args.push(known.includes(word) ? word : `<${argument.name()}>`);
    }
  }
  return [pathOf(command), ...args, ...given].join(' ');
}

/** Only the first word behind a group is a verb of it. */
function verbOf({ commands }: Command, place: number, word: string): Command | undefined {
  return place > 0 ? undefined : commands.find((child) => child.name() === word);
}
