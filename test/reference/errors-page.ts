import { ERROR_FACTS, EXIT_CODE_FACTS } from '../../commands/help/error-facts.ts';
import { code, generated, page, table } from './markdown.ts';
import { taxonomySections } from './taxonomy-tables.ts';

/** Every error code, by exit code. */
export function errorsPage(): string {
  return page(
    generated('Errors and exit codes', '`src/errors.ts`, `commands/help/error-meanings.ts` and `src/http/taxonomy.ts`'),
    'Every error has a code that stays, a category, and the exit code of that category. Under `--json` the code is `error.code`, ' +
      'and `error.retryable` says whether the same command may succeed later with nothing changed; a single error can know better than ' +
      'this table. `<provider>` is filled in with the name of the provider. `webhook verify` ends with 6 when something did not ' +
      'verify: that is a result and not an error, so it comes without a code. `lwi help errors <code>` shows a row of this page.',
    '## Exit codes',
    table(
      ['exit code', 'category', 'meaning'],
      EXIT_CODE_FACTS.map(({ exitCode, category, meaning }) => [String(exitCode), code(category), meaning]),
    ),
    ...EXIT_CODE_FACTS.filter(({ errors }) => errors.length > 0).flatMap(({ exitCode, category }) => [
      `## ${category}: exit code ${exitCode}`,
      table(
        ['code', 'retryable', 'what has happened', 'what to do, unless the error itself says better'],
        ERROR_FACTS.filter((fact) => fact.exitCode === exitCode).map((fact) => [
          ...[code(fact.code), fact.retryable ? 'yes' : 'no', fact.meaning, fact.remedy],
        ]),
      ),
    ]),
    ...taxonomySections(),
  );
}
