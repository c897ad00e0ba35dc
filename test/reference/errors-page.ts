import { type Category, ERROR_KINDS } from '../../src/errors.ts';
import { code, generated, page, table } from './markdown.ts';
import { taxonomySections } from './taxonomy-tables.ts';

/** What a script may conclude from each category. */
const MEANINGS: Readonly<Record<Category, string>> = {
  defect: 'A defect in lwi itself',
  usage: 'Usage, configuration or an input file is wrong',
  auth: 'Not connected, or the provider no longer accepts the credentials: connect again',
  refused: 'The provider refused the request, and a retry would not help',
  unavailable: 'The provider is out of reach or throttling, and the retries are spent: try later',
  unverified: 'A webhook did not verify',
  storage: 'Storage or key',
  check: 'A check failed',
  stopped: 'Stopped by a signal',
};

/** Every error code, by category. */
export function errorsPage(): string {
  const kinds = Object.entries(ERROR_KINDS);
  const categories = [...new Set(kinds.map(([, kind]) => kind.category))];
  const exits = (category: Category) => [
    ...new Set(kinds.filter(([, kind]) => kind.category === category).map(([, kind]) => kind.exit)),
  ];
  return page(
    generated('Errors and exit codes', '`src/errors.ts` and `src/http/taxonomy.ts`'),
    'Every error has a code that stays, a category, and the exit code of that category. Under `--json` the code is `error.code`, ' +
      'and `error.retryable` says whether the same command may succeed later with nothing changed; a single error can know better than ' +
      'this table. `{provider}` is filled in with the name of the provider. `webhook verify` ends with 6 when something did not ' +
      'verify: that is a result and not an error, so it comes without a code.',
    table(
      ['exit code', 'meaning'],
      [
        ['0', 'Done'],
        ...categories.map((category) => [exits(category).join(', '), `${MEANINGS[category]} (${code(category)})`]),
      ],
    ),
    ...categories.flatMap((category) => [
      `## ${category}: exit code ${exits(category).join(', ')}`,
      table(
        ['code', 'retryable', 'what to do, unless the error itself says better'],
        kinds
          .filter(([, kind]) => kind.category === category)
          .map(([name, { retryable, remedy }]) => [code(name), retryable ? 'yes' : 'no', remedy]),
      ),
    ]),
    ...taxonomySections(),
  );
}
