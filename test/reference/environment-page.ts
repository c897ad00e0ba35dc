import { ENVIRONMENT_VARIABLES, VARIABLE_GROUPS } from '../../src/environment-variables.ts';
import { code, generated, page, table } from './markdown.ts';

/** Every environment variable, by group. */
export function environmentPage(): string {
  return page(
    generated('Environment variables', '`src/environment-variables.ts`'),
    'No `.env` file is loaded. Secrets are taken from here, from stdin or from a prompt, never from the command line.',
    ...Object.entries(VARIABLE_GROUPS).flatMap(([group, about]) => [
      `## ${group}`,
      about,
      table(
        ['variable', 'what it does'],
        ENVIRONMENT_VARIABLES.filter((variable) => variable.group === group).map(({ name, does, readBy }) => [
          code(name),
          readBy === undefined ? does : `${does} Read by ${readBy}.`,
        ]),
      ),
    ]),
  );
}
