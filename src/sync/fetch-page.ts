import { apiRequest } from '../http/api-request.ts';
import { bodyJson, type Call, type CallMeter, type Priority, type Send } from '../http/http.ts';
import type { Provider } from '../providers/provider.ts';
import type { PageRequest } from '../providers/stream.ts';
import type { SyncTarget } from '../store/sync-tables.ts';
import type { JsonAnswer } from './read-page.ts';

/** With what a connection's API is read. */
export interface PageSource {
  readonly send: Send;
  readonly signal: AbortSignal;
  readonly provider: Provider;
  readonly baseUrl: string;
  readonly target: SyncTarget;
  readonly priority: Priority;
  /** Told when a request must wait for longer than a moment, with what is foreseen, ms. */
  readonly onWait?: ((waitMs: number) => void) | undefined;
}

/** Asks for one page, under the provider's limits. What it cost is added to `meter`, also when it fails. */
export async function fetchPage(
  { send, signal, provider, baseUrl, target, priority, onWait }: PageSource,
  request: PageRequest,
  { purpose, meter }: { readonly purpose: string; readonly meter: CallMeter },
): Promise<JsonAnswer> {
  const call: Call = {
    provider: provider.id,
    connection: { account: target.account, provider: target.provider },
    limits: provider.limitsFor(request.method, request.path),
    priority,
    // Streams only read, whatever the method (MyCarrierPackets reads by POST).
    repeatable: true,
    expects: 'json',
    signal,
    purpose,
    meter,
    ...(onWait ? { onWait } : {}),
  };
  const response = await send(apiRequest(provider, baseUrl, target.externalId, request), call);
  return { status: response.status, headers: response.headers, body: bodyJson(response) };
}
