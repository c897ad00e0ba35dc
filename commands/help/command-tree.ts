import type { Argument, Command, Option } from 'commander';

/** What is known of a command. */
export interface CommandFacts {
  /** As it is typed: `lwi token inspect`. */
  readonly command: string;
  readonly description: string;
  /** What follows its name. */
  readonly usage: string;
  readonly arguments: readonly ArgumentFacts[];
  /** Its own; those of every command are on `lwi` alone. */
  readonly options: readonly OptionFacts[];
  /** Its verbs, if it is a group. */
  readonly commands: readonly { readonly command: string; readonly description: string }[];
}

interface ArgumentFacts {
  readonly name: string;
  readonly required: boolean;
  readonly variadic: boolean;
  readonly description: string;
}

interface OptionFacts {
  readonly flags: string;
  readonly description: string;
  /** It must be given. */
  readonly required: boolean;
  readonly default?: string;
}

/** `lwi token inspect` */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** Commands that do something, depth first. A group that takes an argument does something itself. */
export function leavesOf(command: Command): Command[] {
  return command.commands.flatMap((child) => {
    const acts = child.commands.length === 0 || child.registeredArguments.length > 0;
    return [...(acts ? [child] : []), ...leavesOf(child)];
  });
}

/** The command that these words name below `program`; undefined when there is none. */
export function commandNamed(program: Command, words: readonly string[]): Command | undefined {
  return words.reduce<Command | undefined>(
    (command, word) => command?.commands.find((child) => child.name() === word),
    program,
  );
}

/** A command as data. */
export function commandFacts(command: Command): CommandFacts {
  return {
    command: pathOf(command),
    description: command.description(),
    usage: command.usage(),
    arguments: command.registeredArguments.map(argumentFacts),
    options: command.options.map(optionFacts),
    commands: command.commands.map((child) => ({ command: pathOf(child), description: child.description() })),
  };
}

function argumentFacts(argument: Argument): ArgumentFacts {
  const { required, variadic, description } = argument;
  return { name: argument.name(), required, variadic, description };
}

function optionFacts({ flags, description, mandatory, defaultValue }: Option): OptionFacts {
  const value: unknown = defaultValue;
  const told = typeof value === 'string' && value !== '' ? { default: value } : {};
  return { flags, description, required: mandatory, ...told };
}
