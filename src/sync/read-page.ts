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
    return stream.parse({ ...page, baseUrl, body, headers });
  } catch (error) {
    if (!isLwiError(error, 'BAD_RESPONSE') || error.facts.provider) throw error;
    throw new LwiError(error.code, error.message, { ...facts, ...error.facts });
  }
}
