import type { Command } from 'commander';
import { type CommandFacts, commandFacts, leavesOf } from './command-tree.ts';
import type { Section, TopicContent } from './topic.ts';

/** `lwi help reference`: every command that does something, with its options. */
export function referenceTopic(program: Command): TopicContent {
  const commands = leavesOf(program).map(commandFacts);
  const everywhere = commandFacts(program).options;
  const general = { heading: 'Options of every command', entries: everywhere.map(optionEntry) };
  return { data: { options: everywhere, commands }, sections: [general, ...commands.map(sectionOf)] };
}

function sectionOf({ command, usage, description, options }: CommandFacts): Section {
  return { heading: `${command} ${usage}`.trim(), about: description, entries: options.map(optionEntry) };
}

function optionEntry(option: CommandFacts['options'][number]) {
  const fallback = option.default === undefined ? '' : ` (default: ${option.default})`;
  return { term: option.flags, text: `${option.description}${fallback}` };
}
