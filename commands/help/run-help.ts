import type { Command } from 'commander';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { nearestName } from '../../src/providers/nearest-name.ts';
import { commandNamed, pathOf } from './command-tree.ts';
import { ERROR_FACTS } from './error-facts.ts';
import { helpAnswer } from './help-answer.ts';
import { topicLines } from './topic-lines.ts';
import { TOPIC_NAMES } from './topic-names.ts';

/**
 * `lwi help`: the program, a command, a topic or an error code; under `--json` the same as data. Throws USAGE, naming the nearest, when there is no such thing, and
 * what a topic throws.
 */
export async function runHelp(context: Context, program: Command, words: readonly string[]): Promise<undefined> {
  const { terminal } = context;
  const answer = await helpAnswer(context, program, words);
  if (!answer) throw unknown(program, words);
  if (terminal.json) return void terminal.document(answer.data);
  const { command, sections } = answer;
  command?.outputHelp();
  if (command && sections) terminal.out('');
  if (sections) terminal.out(...topicLines(sections, terminal));
}

/** Compares a mistyped word with what could have stood in its place: verbs of a group, codes behind `errors`, or anything. */
function unknown(program: Command, words: readonly string[]): LwiError {
  const depth = words.findIndex((_, at) => !commandNamed(program, words.slice(0, at + 1)));
  const group = commandNamed(program, words.slice(0, depth)) ?? program;
  const [first = '', second] = words;
  if (first === 'errors' && second !== undefined)
    return notFound('There is no error code', second, nearestCode(second), 'Run `lwi help errors`.');
  const verbs = group.commands.map((child) => child.name());
  if (group !== program) {
    const path = pathOf(group);
    const word = words[depth] ?? '';
    return notFound(`\`${path}\` has no command`, word, nearestName(word, verbs), `Run \`${path} --help\`.`);
  }
  const near = nearestName(first, [...verbs, ...TOPIC_NAMES]) ?? nearestCode(first);
  const hint = `Run \`lwi help\`. Topics: ${TOPIC_NAMES.join(', ')}.`;
  return notFound('There is no command, topic or error code', first, near, hint);
}

function notFound(what: string, word: string, near: string | undefined, hint: string): LwiError {
  const meant = near === undefined ? '.' : `. Did you mean ${near}?`;
  return new LwiError('USAGE', `${what} ${JSON.stringify(word.slice(0, 64))}${meant}`, { hint });
}

function nearestCode(word: string): string | undefined {
  const codes = ERROR_FACTS.map(({ code }) => code.toLowerCase());
  return nearestName(word.replaceAll('-', '_'), codes)?.toUpperCase();
}
