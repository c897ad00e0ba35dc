import { CATEGORY_MEANINGS } from '../../../commands/help/error-meanings.ts';
import { TOPIC_NAMES } from '../../../commands/help/topic-names.ts';
import { ERROR_KINDS } from '../../../src/errors.ts';
import { entities, environments, grant, rule, source, title, webhook } from './provider-words.ts';
import {
  document,
  flag,
  list,
  maybe,
  number,
  type Output,
  object,
  oneOf,
  provider,
  text,
  texts,
  whole,
} from './words.ts';

const commandRow = object({ command: text('as it is typed'), description: text('what it does') });
const option = object({
  flags: text('as it is typed'),
  description: text('what it does'),
  required: flag('whether it must be given'),
  default: maybe(text('what holds without it')),
});
const commandFacts = {
  command: text('as it is typed'),
  description: text('what it does'),
  usage: text('what follows its name'),
  arguments: list(
    object({
      name: text('its name'),
      required: flag('whether it must be given'),
      variadic: flag('whether there may be several'),
      description: text('what it is'),
    }),
    'in their order',
  ),
  options: list(option, 'its own; those of every command are on `lwi` alone'),
  commands: list(commandRow, 'its verbs'),
};
const errorFact = {
  code: oneOf(Object.keys(ERROR_KINDS), 'the code'),
  category: oneOf(Object.keys(CATEGORY_MEANINGS), 'its category'),
  exitCode: whole('exit code of the process'),
  retryable: flag('whether the same command may succeed later with nothing changed'),
  meaning: text('what has happened'),
  remedy: text('what to do'),
};

/** `help`, by what it is asked. */
export const HELP_OUTPUTS: Readonly<Record<string, readonly Output[]>> = {
  help: [
    document(
      'without words',
      object({
        ...commandFacts,
        topics: list(object({ topic: oneOf(TOPIC_NAMES, 'its name'), about: text('what it is about') }), 'each topic'),
      }),
    ),
    document('for a command', object(commandFacts)),
    document(
      'for `exit-codes`',
      list(
        object({
          exitCode: errorFact.exitCode,
          category: maybe(errorFact.category),
          meaning: text('what it means'),
          errors: texts('codes of errors that end with it'),
        }),
        'each exit code',
      ),
    ),
    document(
      'for `environment`',
      list(
        object({
          name: text('its name'),
          group: text('what it is about'),
          does: text('what it does'),
          readBy: maybe(text('the package that reads it')),
        }),
        'each variable',
      ),
    ),
    document(
      'for `providers`',
      list(
        object({
          ...{ id: provider, title, source, grant, variables: texts('variables that it takes credentials from') },
          ...{ environments, entities, limits: list(object(rule), 'each limit'), webhook },
        }),
        'each provider',
      ),
    ),
    document('for `errors`', list(object(errorFact), 'each error code')),
    document('for an error code', object(errorFact)),
    document(
      'for `limits`, which is a command too',
      object({
        ...commandFacts,
        providers: list(object({ provider, limits: list(object(rule), 'each limit') }), 'each provider'),
        bounds: list(
          object({
            group: text('what it is about'),
            what: text('what is bounded'),
            value: number('how much'),
            unit: oneOf(['ms', 'bytes', 'count', 'share'], 'of the value; `share`: 0 to 1'),
            changedBy: maybe(text('option or member of the config that changes it')),
          }),
          'what lwi does not go beyond',
        ),
      }),
    ),
    document(
      'for `reference`',
      object({ options: list(option, 'those of every command'), commands: list(object(commandFacts), 'each command') }),
    ),
  ],
};
