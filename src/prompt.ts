import { LwiError } from './errors.ts';
import { Secret } from './secret.ts';

/** One of several answers. */
export interface Choice {
  readonly value: string;
  /** What stands behind it, where the value does not say it. */
  readonly about?: string | undefined;
}

/** Asks the person; every question names what would have answered it. */
export interface Prompt {
  /** Whether anybody can be asked. */
  readonly canAsk: boolean;
  text(question: string, answeredBy: string, signal?: AbortSignal): Promise<string>;
  secret(question: string, answeredBy: string): Promise<Secret>;
  confirm(question: string, answeredBy: string): Promise<boolean>;
  /** Gives the value of the choice. */
  select(question: string, choices: readonly Choice[], answeredBy: string): Promise<string>;
}

/**
 * Prompts on the terminal, on stderr, because stdout carries the result. Where nobody can be asked (no terminal, --no-input, CI) every
 * question is INPUT_NEEDED naming the flag or variable.
 */
export function createPrompt(deps: {
  canAsk: () => boolean;
  signal: AbortSignal;
  output: () => NodeJS.WritableStream;
}): Prompt {
  const ask = async <T>(
    question: string,
    answeredBy: string,
    run: (
      inquirer: typeof import('@inquirer/prompts'),
      context: { output: NodeJS.WritableStream; signal: AbortSignal },
    ) => Promise<T>,
    signal = deps.signal,
  ): Promise<T> => {
    if (!deps.canAsk()) {
      throw new LwiError('INPUT_NEEDED', `${question} cannot be asked here.`, {
        hint: `Give ${answeredBy}, or run in a terminal.`,
      });
    }
    try {
      return await run(await import('@inquirer/prompts'), { output: deps.output(), signal });
    } catch (error) {
      // Ctrl-C inside a prompt never reaches the process as a signal.
      if (error instanceof Error && error.name === 'ExitPromptError')
        throw new LwiError('INTERRUPTED', 'Stopped at a question.');
      throw signal.aborted ? signal.reason : error;
    }
  };
  return {
    get canAsk() {
      return deps.canAsk();
    },
    text: (question, answeredBy, signal) =>
      ask(
        question,
        answeredBy,
        (inquirer, context) => inquirer.input({ message: question, required: true }, context),
        signal,
      ),
    secret: async (question, answeredBy) =>
      new Secret(
        await ask(question, answeredBy, (inquirer, context) =>
          inquirer.password({ message: question, mask: true }, context),
        ),
      ),
    confirm: (question, answeredBy) =>
      ask(question, answeredBy, (inquirer, context) =>
        inquirer.confirm({ message: question, default: false }, context),
      ),
    select: (question, choices, answeredBy) =>
      ask(question, answeredBy, (inquirer, context) =>
        inquirer.select(
          {
            message: question,
            choices: choices.map(({ value, about }) => ({
              value,
              name: about ? `${value}  ${about}` : value,
              short: value,
            })),
            loop: false,
          },
          context,
        ),
      ),
  };
}
