import { CATEGORY_MEANINGS } from '../../../commands/help/error-meanings.ts';
import { TOPIC_NAMES } from '../../../commands/help/topic-names.ts';
import { ERROR_KINDS } from '../../../src/errors.ts';
import { entities, environments, grant, rule, source, title, webhook } from './provider-words.ts';
import * as w from './words.ts';

const commandRow = w.object({ command: w.text('as it is typed'), description: w.text('what it does') });
const option = w.object({
  flags: w.text('as it is typed'),
  description: w.text('what it does'),
  required: w.flag('whether it must be given'),
  default: w.maybe(w.text('what holds without it')),
});
const commandFacts = {
  command: w.text('as it is typed'),
  description: w.text('what it does'),
  usage: w.text('what follows its name'),
  arguments: w.list(
    w.object({
      name: w.text('its name'),
      required: w.flag('whether it must be given'),
      variadic: w.flag('whether there may be several'),
      description: w.text('what it is'),
    }),
    'in their order',
  ),
  options: w.list(option, 'its own; those of every command are on `lwi` alone'),
  commands: w.list(commandRow, 'its verbs'),
};
const errorFact = {
  code: w.oneOf(Object.keys(ERROR_KINDS), 'the code'),
  category: w.oneOf(Object.keys(CATEGORY_MEANINGS), 'its category'),
  exitCode: w.whole('exit code of the process'),
  retryable: w.flag('whether the same command may succeed later with nothing changed'),
  meaning: w.text('what has happened'),
  remedy: w.text('what to do'),
};

/** `help`, by what it is asked. */
export const HELP_OUTPUTS: Readonly<Record<string, readonly w.Output[]>> = {
  help: [
    w.document(
      'without words',
      w.object({
        ...commandFacts,
        topics: w.list(
          w.object({ topic: w.oneOf(TOPIC_NAMES, 'its name'), about: w.text('what it is about') }),
          'each topic',
        ),
      }),
    ),
    w.document('for a command', w.object(commandFacts)),
    w.document(
      'for `exit-codes`',
      w.list(
        w.object({
          exitCode: errorFact.exitCode,
          category: w.maybe(errorFact.category),
          meaning: w.text('what it means'),
          errors: w.texts('codes of errors that end with it'),
        }),
        'each exit code',
      ),
    ),
    w.document(
      'for `environment`',
      w.list(
        w.object({
          name: w.text('its name'),
          group: w.text('what it is about'),
          does: w.text('what it does'),
          readBy: w.maybe(w.text('the package that reads it')),
        }),
        'each variable',
      ),
    ),
    w.document(
      'for `providers`',
      w.list(
        w.object({
          ...{ id: w.provider, title, source, grant, variables: w.texts('variables that it takes credentials from') },
          ...{ environments, entities, limits: w.list(w.object(rule), 'each limit'), webhook },
        }),
        'each provider',
      ),
    ),
    w.document('for `errors`', w.list(w.object(errorFact), 'each error code')),
    w.document('for an error code', w.object(errorFact)),
    w.document(
      'for `limits`, which is a command too',
      w.object({
        ...commandFacts,
        providers: w.list(
          w.object({ provider: w.provider, limits: w.list(w.object(rule), 'each limit') }),
          'each provider',
        ),
        bounds: w.list(
          w.object({
            group: w.text('what it is about'),
            what: w.text('what is bounded'),
            value: w.number('how much'),
            unit: w.oneOf(['ms', 'bytes', 'count', 'share'], 'of the value; `share`: 0 to 1'),
            changedBy: w.maybe(w.text('option or member of the config that changes it')),
          }),
          'what lwi does not go beyond',
        ),
      }),
    ),
    w.document(
      'for `reference`',
      w.object({
        options: w.list(option, 'those of every command'),
        commands: w.list(w.object(commandFacts), 'each command'),
      }),
    ),
  ],
};
