import { isLwiError, LwiError } from '../errors.ts';
import { bodyJson, type HttpResponse } from '../http/http.ts';
import type { Page, PageAnswer, Provider, Stream } from '../providers/provider.ts';
import type { SyncTarget } from '../store/sync-tables.ts';

/** Whose answer it is, for errors. */
interface Source {
  readonly provider: Provider;
  readonly target: Pick<SyncTarget, 'account'>;
}

/** Reads one answer of a stream. Throws BAD_RESPONSE when it is not what the provider documents, with the facts that support asks for. */
export function readPage(
  { provider, target }: Source,
  stream: Stream,
  response: HttpResponse,
  page: Omit<PageAnswer, 'body' | 'headers'>,
): Page {
  const { requestIdHeader = 'x-request-id' } = provider.api;
  const facts = {
    provider: provider.id,
    account: target.account,
    statusCode: response.status,
    requestId: response.headers[requestIdHeader],
  };
  const body = bodyJson(response);
  if (body === undefined) {
    throw new LwiError('BAD_RESPONSE', `${provider.title} answered ${response.status} with broken JSON.`, facts);
  }
  try {
    return stream.parse({ ...page, body, headers: response.headers });
  } catch (error) {
    if (!isLwiError(error, 'BAD_RESPONSE') || error.facts.provider) throw error;
    throw new LwiError(error.code, error.message, { ...facts, ...error.facts });
  }
}
