import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { helpAnswer } from '../commands/help/help-answer.ts';
import { topicLines } from '../commands/help/topic-lines.ts';
import { TOPIC_NAMES } from '../commands/help/topic-names.ts';
import { BUILT_IN } from '../src/providers/registry.ts';
import { commandTree } from './reference/commands-page.ts';

const WIDTH = 80;
const program = commandTree();

/** As it is shown, with what stands behind the lists. */
function helpOf(command: Command): string[] {
  let text = '';
  command.configureOutput({ writeOut: (more) => (text += more), getOutHelpWidth: () => WIDTH });
  command.outputHelp();
  return text.split('\n');
}

const commandsOf = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(commandsOf)];

const tooLong = (lines: readonly string[]) => lines.filter((line) => line.length > WIDTH);

test('no line of the help of a command is wider than 80 columns', () => {
  expect(commandsOf(program).flatMap((command) => tooLong(helpOf(command)))).toEqual([]);
});

test.each(TOPIC_NAMES)('nor any of lwi help %s', async (topic) => {
  const context = {
    config: async () => ({}),
    providers: async () => BUILT_IN.map((provider) => ({ ...provider, source: 'built in' as const })),
  };
  const { sections = [] } = (await helpAnswer(context as never, program, [topic])) ?? {};
  const plain = { bold: (text: string) => text } as never;
  expect(sections.length).toBeGreaterThan(0);
  expect(tooLong(topicLines(sections, { width: WIDTH, style: plain }))).toEqual([]);
});
