import { isLwiError, LwiError } from '../errors.ts';
import type { Provider } from '../providers/provider.ts';
import type { Page, PageAnswer, Stream } from '../providers/stream.ts';
import type { SyncTarget } from '../store/sync-tables.ts';

/** Whose answer it is, for errors. */
interface Source {
  readonly provider: Provider;
  readonly baseUrl: string;
  readonly target: Pick<SyncTarget, 'account'>;
}

/** An answer whose body has been parsed; undefined: it was no JSON. */
export interface JsonAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * Longest id of a record, and of the list that it stands in, bytes of UTF-8: no provider has longer ones that lwi knows of, and with the names beside them they fit into
 * a key of PostgreSQL's indexes, which takes a third of a page of 8 kB (https://www.postgresql.org/docs/current/limits.html). SQLite would take more, but a
 * record must not depend on where it is kept.
 */
const LONGEST_ID = 1024;
const LONGEST_SCOPE = 512;

/** The page with rows set aside that no database is to keep, whose ids are too long. */
function keepable(page: Page): Page {
  const rejected = page.records.flatMap(({ id, scope = '', data }) =>
    Buffer.byteLength(id) > LONGEST_ID
      ? [{ reason: `its id is longer than ${LONGEST_ID} bytes`, row: data }]
      : Buffer.byteLength(scope) > LONGEST_SCOPE
        ? [{ reason: `the id of its list is longer than ${LONGEST_SCOPE} bytes`, row: data }]
        : [],
  );
  if (rejected.length === 0) return page;
  const records = page.records.filter(
    ({ id, scope = '' }) => Buffer.byteLength(id) <= LONGEST_ID && Buffer.byteLength(scope) <= LONGEST_SCOPE,
  );
  return { ...page, records, rejected: [...page.rejected, ...rejected] };
}

/** Reads one answer of a stream. Throws BAD_RESPONSE when it is not what the provider documents, with the facts that support asks for. */
export function readPage(
  { provider, baseUrl, target }: Source,
  stream: Stream,
  { status, headers, body }: JsonAnswer,
  page: Omit<PageAnswer, 'baseUrl' | 'body' | 'headers'>,
): Page {
  const { requestIdHeader = 'x-request-id' } = provider.api;
  const facts = {
    provider: provider.id,
    account: target.account,
    statusCode: status,
    requestId: headers[requestIdHeader],
  };
  if (body === undefined)
    throw new LwiError('BAD_RESPONSE', `${provider.title} answered ${status} with broken JSON.`, facts);
  try {
    return keepable(stream.parse({ ...page, baseUrl, body, headers }));
  } catch (error) {
    if (!isLwiError(error, 'BAD_RESPONSE') || error.facts.provider) throw error;
    throw new LwiError(error.code, error.message, { ...facts, ...error.facts });
  }
}
