import { apiRequest } from '../http/api-request.ts';
import type { Call, CallMeter, HttpResponse, Priority, Send } from '../http/http.ts';
import type { PageRequest, Provider } from '../providers/provider.ts';
import type { SyncTarget } from '../store/sync-tables.ts';

/** With what a connection's API is read. */
export interface PageSource {
  readonly send: Send;
  readonly signal: AbortSignal;
  readonly provider: Provider;
  readonly baseUrl: string;
  readonly target: SyncTarget;
  readonly priority: Priority;
}

/** Asks for one page, under the provider's limits. What it cost is added to `meter`, also when it fails. */
export async function fetchPage(
  { send, signal, provider, baseUrl, target, priority }: PageSource,
  request: PageRequest,
  { purpose, meter }: { readonly purpose: string; readonly meter: CallMeter },
): Promise<HttpResponse> {
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
  };
  return send(apiRequest(provider, baseUrl, target.externalId, request), call);
}
