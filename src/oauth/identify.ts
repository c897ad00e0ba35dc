import type { ConnectionKey } from '../connection.ts';
import { LwiError } from '../errors.ts';
import { apiRequest } from '../http/api-request.ts';
import { bodyJson, type Send } from '../http/http.ts';
import type { GrantFacts } from '../providers/oauth-settings.ts';
import type { Endpoints, Provider } from '../providers/provider.ts';
import { plainFacts } from './plain-facts.ts';

/** Asks the provider's probe who a token belongs to. Throws what the request comes to. */
export async function identify(
  send: Send,
  provider: Provider,
  endpoints: Endpoints,
  externalId: string | undefined,
  { account }: ConnectionKey,
  signal: AbortSignal,
): Promise<GrantFacts> {
  const { probe } = provider.api;
  const response = await send(apiRequest(provider, endpoints.apiBaseUrl, externalId, probe), {
    provider: provider.id,
    connection: { account, provider: provider.id },
    limits: provider.limitsFor(probe.method, probe.path),
    priority: 'interactive',
    repeatable: true,
    signal,
    purpose: 'identify',
  });
  const body = bodyJson(response);
  if (body === undefined) {
    throw new LwiError('BAD_RESPONSE', `${provider.title} answered ${response.status} without JSON.`, {
      ...{ provider: provider.id, account, statusCode: response.status },
    });
  }
  return plainFacts(provider.api.nameFromProbe?.(body) ?? {});
}
