import type { Command } from 'commander';
import { type CommandFacts, commandFacts, pathOf } from '../../commands/help/command-tree.ts';
import { EXIT_CODE_FACTS } from '../../commands/help/error-facts.ts';
import type { Section } from '../../commands/help/topic.ts';
import { TOPIC_NAMES, type TopicName } from '../../commands/help/topic-names.ts';
import { TOPICS } from '../../commands/help/topics.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import { commandTree } from './commands-page.ts';
import { bold, escaped, macro, paragraph, tagged, verbatim } from './roff.ts';

/** Topics with a manual page; the reference is all the other pages together. */
const PAGES = TOPIC_NAMES.filter((name) => name !== 'reference');

const TOPIC_PAGES = PAGES.map((name) => [`lwi-${name}`, 7] as const);

const commandsOf = (program: Command) => program.commands.filter((command) => command.name() !== 'help');

/** Every manual page by its file name. */
export async function manPages(): Promise<Readonly<Record<string, string>>> {
  const program = commandTree();
  const topics = await Promise.all(
    PAGES.map(async (name) => [`lwi-${name}.7`, await topicPage(name, program)] as const),
  );
  return {
    'lwi.1': programPage(program),
    ...Object.fromEntries(commandsOf(program).map((command) => [`lwi-${command.name()}.1`, commandPage(command)])),
    ...Object.fromEntries(topics),
  };
}

function programPage(program: Command): string {
  const { description, options } = commandFacts(program);
  return page(
    head('lwi', 1, 'connects a freight system to OAuth 2 APIs'),
    section('SYNOPSIS', `${bold('lwi')} [options] ${escaped('<command>')} [arguments]`),
    section('DESCRIPTION', paragraph(description)),
    section('COMMANDS', ...program.commands.map((command) => tagged(command.name(), sentence(command.description())))),
    section('OPTIONS', paragraph('They may stand before and after the command.'), ...options.map(optionEntry)),
    section(
      'FILES',
      tagged(
        '$XDG_CONFIG_HOME/lwi/config.json',
        'The config. `LWI_HOME` or `--home` puts it and the database into one directory.',
      ),
      tagged('$XDG_DATA_HOME/lwi/lwi.db', 'The database.'),
    ),
    exitStatus(),
    seeAlso([...commandsOf(program).map((command) => [`lwi-${command.name()}`, 1] as const), ...TOPIC_PAGES]),
  );
}

/** A command; of a group, all its verbs. */
function commandPage(command: Command): string {
  const facts = commandFacts(command);
  const name = `lwi-${command.name()}`;
  const acts = command.commands.length === 0 || command.registeredArguments.length > 0;
  return page(
    head(name, 1, facts.description),
    section('SYNOPSIS', [...(acts ? [command] : []), ...command.commands].map(synopsis).join('\n.br\n')),
    section('DESCRIPTION', paragraph(sentence(facts.description)), ...notes(command)),
    acts && facts.options.length > 0 ? section('OPTIONS', ...facts.options.map(optionEntry)) : '',
    command.commands.length > 0 ? section('COMMANDS', ...command.commands.map(verb)) : '',
    paragraphs('OPTIONS OF EVERY COMMAND', [
      '`lwi`(1) has those that every command takes, such as `--json` and `--account`.',
    ]),
    exitStatus(),
    seeAlso([
      ['lwi', 1],
      ['lwi-environment', 7],
      ['lwi-exit-codes', 7],
    ]),
  );
}

function verb(command: Command): string {
  const { description, options } = commandFacts(command);
  return [
    macro('SS', command.name()),
    synopsis(command),
    '.PP',
    paragraph(sentence(description)),
    ...options.map(optionEntry),
    ...notes(command),
  ].join('\n');
}

async function topicPage(name: TopicName, program: Command): Promise<string> {
  const { about } = TOPICS[name];
  const context = { config: async () => ({}), providers: async () => BUILT_IN };
  const { sections } = await TOPICS[name].content(context, program);
  return page(
    head(`lwi-${name}`, 7, about.replace(/[;`].*$/s, '')),
    section('DESCRIPTION', ...sections.map((each) => topicSection(each))),
    seeAlso([['lwi', 1], ...TOPIC_PAGES.filter(([page]) => page !== `lwi-${name}`)]),
  );
}

function topicSection({ heading, about, entries }: Section): string {
  return [
    ...(heading === undefined ? [] : [macro('SS', heading)]),
    ...(about === undefined ? [] : [paragraph(about)]),
    ...entries.map(({ term, text }) => tagged(term, text)),
  ].join('\n');
}

/** What help shows behind the options: grammar and examples, as they stand. */
function notes(command: Command): string[] {
  const all: string[] = [];
  const keep = (text: string) => void all.push(text);
  const before = command.configureOutput();
  command.configureOutput({ ...before, writeOut: keep, getOutHelpWidth: () => WIDE });
  const bare = command.helpInformation();
  command.outputHelp();
  command.configureOutput(before);
  const more = all.join('').slice(bare.length).trim();
  return more === '' ? [] : [verbatim(more)];
}

/** So that nothing of the help is broken into lines. */
const WIDE = 1000;

function synopsis(command: Command): string {
  return `${bold(pathOf(command))} ${escaped(command.usage())}`.trim();
}

function optionEntry({ flags, description, default: fallback, required }: CommandFacts['options'][number]): string {
  const told = [...(required ? ['needed'] : []), ...(fallback === undefined ? [] : [`default: ${fallback}`])];
  return tagged(flags, `${description}${told.length > 0 ? ` (${told.join(', ')})` : ''}`);
}

function exitStatus(): string {
  const codes = EXIT_CODE_FACTS.map(({ exitCode, meaning }) => tagged(String(exitCode), `${meaning}.`));
  return section('EXIT STATUS', ...codes);
}

/** Of a command only what belongs to every one, so that a new command changes no page but its own and `lwi`(1). */
function seeAlso(pages: readonly (readonly [name: string, number: 1 | 7])[]): string {
  return section('SEE ALSO', pages.map(([name, number]) => `${bold(name)}(${number})`).join(',\n'));
}

function head(name: string, number: 1 | 7, about: string): string {
  // No date: the page would change with each day. No version either: it is the one that is installed.
  const title = `.TH ${escaped(name.toUpperCase())} ${number} "" lwi "lwi manual"`;
  return [`.\\" Generated by npm run docs.`, title, section('NAME', paragraph(`${name} - ${about}`))].join('\n');
}

function section(heading: string, ...blocks: readonly string[]): string {
  return [macro('SH', heading), ...blocks].join('\n');
}

function paragraphs(heading: string, texts: readonly string[]): string {
  return section(heading, texts.map(paragraph).join('\n.PP\n'));
}

function sentence(text: string): string {
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function page(...blocks: readonly string[]): string {
  return `${blocks.filter((block) => block !== '').join('\n')}\n`;
}
