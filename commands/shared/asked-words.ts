import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { redactText } from '../../src/http/redact.ts';
import type { Choice } from '../../src/prompt.ts';
import { shellWord } from '../../src/shell-word.ts';

/** One word that a command cannot do without. */
export interface Question {
  /** As the usage has it: `provider`. */
  readonly argument: string;
  /** For people: `Which provider?` */
  readonly text: string;
  /** What it can be, given the words before it; at least one, or it throws what is to be done. Absent: any text. */
  readonly choices?: (before: readonly string[]) => Promise<readonly Choice[]>;
  /** A single choice is taken, not asked for: only where nothing is lost by it. */
  readonly takeOnly?: boolean;
  /** Where the answer can be looked up: a sentence with the command. */
  readonly lookUp?: string;
}

/**
 * The words of a command, those that are missing asked for on the terminal; afterwards it is said which command line would have asked nothing. `command` is
 * what goes before them: `['secret', 'set']`. Throws USAGE, naming what to give, where nobody can be asked, and under --json.
 */
export async function askedWords(
  context: Pick<Context, 'terminal' | 'prompt' | 'host'>,
  command: readonly string[],
  given: readonly (string | undefined)[],
  questions: readonly Question[],
): Promise<string[]> {
  const { terminal, prompt, host } = context;
  const missing = questions.find((_, index) => given[index] === undefined);
  if (missing && (terminal.json || !prompt.canAsk)) throw missingWord(command, questions, missing);
  const words: string[] = [];
  for (const [index, question] of questions.entries()) {
    words.push(given[index] ?? (await answer(context, question, words, usageOf(command, questions))));
  }
  if (missing) {
    const line = ['lwi', ...command, ...words.map(shellWord)].join(' ');
    // Which of the options were meant for this once, lwi cannot tell; one may hold what is not to be shown.
    const more = host.argv.some((word) => word.startsWith('-')) ? ' …' : '';
    terminal.info(`next time: ${redactText(line)}${more}`);
  }
  return words;
}

async function answer(
  { terminal, prompt }: Pick<Context, 'terminal' | 'prompt'>,
  { argument, text, choices, takeOnly }: Question,
  before: readonly string[],
  usage: string,
): Promise<string> {
  const answeredBy = `<${argument}>, as in \`${usage}\``;
  if (!choices) return prompt.text(text, answeredBy);
  const known = await choices(before);
  const [only] = known;
  if (!takeOnly || !only || known.length > 1) return prompt.select(text, known, answeredBy);
  terminal.info(`${only.value} is taken: there is no other.`);
  return only.value;
}

function missingWord(
  command: readonly string[],
  questions: readonly Question[],
  { argument, lookUp }: Question,
): LwiError {
  const option = command.at(-1)?.startsWith('--');
  const message = option
    ? `missing required option '${command.at(-1)} <${argument}>'`
    : `missing required argument '${argument}'`;
  // Words that were given are not repeated: one in the wrong place may be a secret.
  const hint = `Run \`${usageOf(command, questions)}\`.${lookUp ? ` ${lookUp}` : ''}`;
  return new LwiError('USAGE', message, { hint });
}

function usageOf(command: readonly string[], questions: readonly Question[]): string {
  return ['lwi', ...command, ...questions.map(({ argument }) => `<${argument}>`)].join(' ');
}
