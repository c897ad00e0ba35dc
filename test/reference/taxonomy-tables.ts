import { ERROR_KINDS } from '../../src/errors.ts';
import { type Action, isRetryable, STATUS_ROWS, type TaxonomyRow, TROUBLE_ROWS } from '../../src/http/taxonomy.ts';
import { code, table } from './markdown.ts';

/** What lwi does by itself, in words. */
const DOES: Readonly<Record<Action, string>> = {
  refresh: 'refreshes the token once and repeats once',
  repeat: 'repeats after growing waits, where a repeat is harmless',
  wait: 'waits as long as it is told, then repeats; any method, because nothing was done',
  merge: 'fetches the record and sends the change once more, where the provider has a rule for it; else nothing',
  tell: 'nothing',
};

/** The two tables of what happens at a provider: by status, and by what came in place of an answer. */
export function taxonomySections(): string[] {
  return [
    '## What a provider answers, and what lwi does',
    'By the status, as long as the body says nothing better: what each provider writes into its bodies is in ' +
      '[the page of providers](providers.md). `Retry-After` wins over every computed wait. A repeat is harmless for safe methods and for ' +
      'calls that carry the idempotency key of the provider. A status that is not here is read by its class: 3xx and 4xx as ' +
      `${code('PROVIDER_REFUSED')}, 5xx as ${code('SERVER_ERROR')}.`,
    table(['status', ...HEADINGS], STATUS_ROWS.map(cells)),
    '## What happens in place of an answer',
    table(['what', ...HEADINGS], TROUBLE_ROWS.map(cells)),
  ];
}

const HEADINGS = ['meaning', 'code', 'exit code', 'retryable', 'what lwi does', 'what you do'];

function cells(row: TaxonomyRow): string[] {
  const { when, meaning, action, hint, unsent } = row;
  const does =
    action === 'repeat' && unsent ? 'repeats after growing waits; any method, because nothing was done' : DOES[action];
  const { exit, remedy } = ERROR_KINDS[row.code];
  return [String(when), meaning, code(row.code), String(exit), isRetryable(row) ? 'yes' : 'no', does, hint ?? remedy];
}
