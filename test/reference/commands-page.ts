import type { Argument, Command, Option } from 'commander';
import { leavesOf, pathOf } from '../../commands/help/command-tree.ts';
import { buildProgram } from '../../commands/program.ts';
import { outputOn } from '../../src/output.ts';
import { code, generated, page, table } from './markdown.ts';

/** The command tree with handlers that do nothing. */
export function commandTree(): Command {
  return buildProgram(() => async () => {}, { ...outputOn(1, () => process.stdout), isTTY: false, columns: undefined });
}

/** Every command with its usage, arguments and options, in the order of help. */
export function commandsPage(): string {
  const program = commandTree();
  const leaves = leavesOf(program);
  return page(
    generated('Commands', '`commands/program.ts`'),
    program.description(),
    table(
      ['command', 'what it does'],
      leaves.map((leaf) => [`[${code(pathOf(leaf))}](#${anchor(pathOf(leaf))})`, leaf.description()]),
    ),
    '## Options of every command',
    'They may stand before and after the command.',
    optionTable([...program.options]),
    ...leaves.flatMap(section),
  );
}

function section(command: Command): string[] {
  const path = pathOf(command);
  return [
    `## ${path}`,
    sentence(command.description()),
    `\`\`\`sh\n${path} ${command.usage()}\n\`\`\``,
    table(['argument', ''], command.registeredArguments.map(argumentRow)),
    optionTable(command.options),
  ];
}

function argumentRow(argument: Argument): string[] {
  const need = argument.required ? 'needed' : 'may be left out';
  const many = argument.variadic ? ', several' : '';
  return [code(argument.name()), `${need}${many}${argument.description ? `: ${argument.description}` : ''}`];
}

function optionTable(options: readonly Option[]): string {
  return table(
    ['option', 'what it does'],
    options.map((option) => [code(option.flags), `${option.description}${notes(option)}`]),
  );
}

function notes(option: Option): string {
  const value: unknown = option.defaultValue;
  const told = typeof value === 'string' && value !== '' ? [`default ${code(value)}`] : [];
  const all = [...(option.mandatory ? ['needed'] : []), ...told];
  return all.length > 0 ? ` (${all.join(', ')})` : '';
}

function sentence(text: string): string {
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function anchor(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-');
}
