import { isLoopbackHost } from '../loopback-host.ts';
import { textAnswer } from './answer.ts';
import type { Consent } from './authorization-codes.ts';
import { consentPage, refusalPage, type Tenant } from './authorization-page.ts';
import { readForm } from './client-authentication.ts';

/** What differs between the providers' authorization pages. */
export interface AuthorizationEndpoint {
  readonly title: string;
  readonly tenantNoun: string;
  readonly tenants: readonly Tenant[];
  /** Whether `response_type=code` must be there; where it need not, another value is still refused. */
  readonly responseTypeRequired: boolean;
  /** Whether a request without a PKCE challenge is refused; default false. */
  readonly challengeRequired?: boolean;
  /** What every redirect carries, those with an error too. */
  readonly redirectParameters?: Readonly<Record<string, string>>;
  /** The scopes that are asked for; none is an `invalid_scope`. */
  scopes(parameters: URLSearchParams): readonly string[];
  /** Called when the person approves; what it returns goes into the query of the redirect. */
  approve(consent: Consent): Readonly<Record<string, string>>;
}

/**
 * GET shows the consent page, POST of its form redirects (302) with a code, or with an error and the state (RFC 6749,
 * 4.1.2). A request without client or with a redirect that is neither https nor http on loopback is never redirected
 * (4.1.2.1): it gets a page with status 400.
 */
export async function answerAuthorization(request: Request, endpoint: AuthorizationEndpoint): Promise<Response> {
  const parameters = new URL(request.url).searchParams;
  const clientId = parameters.get('client_id') ?? '';
  const redirectUri = parameters.get('redirect_uri') ?? '';
  if (clientId === '') return refusalPage(endpoint.title, 'The parameter client_id is missing.');
  if (!isAllowedRedirect(redirectUri)) {
    return refusalPage(endpoint.title, 'The parameter redirect_uri must be an https address, or http on loopback.');
  }
  const back = (answer: Readonly<Record<string, string>>) =>
    redirect(redirectUri, { ...answer, ...endpoint.redirectParameters }, parameters.get('state'));
  const wrong = findError(parameters, endpoint);
  if (wrong !== undefined) return back({ error: wrong });

  if (request.method === 'GET' || request.method === 'HEAD') {
    const { title, tenantNoun, tenants } = endpoint;
    return consentPage({ title, tenantNoun, tenants, clientId, redirectUri, scopes: endpoint.scopes(parameters) });
  }
  if (request.method !== 'POST') return textAnswer('Method Not Allowed', 'text/plain', 405, { allow: 'GET, POST' });

  const form = await readForm(request);
  if (form?.get('decision') === 'deny') return back({ error: 'access_denied' });
  const tenant = endpoint.tenants.find(({ id }) => id === form?.get('company'));
  if (form?.get('decision') !== 'approve' || tenant === undefined) {
    return refusalPage(endpoint.title, 'The form was not filled in as it was served.');
  }
  const challenge = parameters.get('code_challenge') ?? undefined;
  return back(endpoint.approve({ clientId, redirectUri, tenant: tenant.id, challenge, parameters }));
}

function findError(parameters: URLSearchParams, endpoint: AuthorizationEndpoint): string | undefined {
  const responseType = parameters.get('response_type');
  if (responseType === null && endpoint.responseTypeRequired) return 'invalid_request';
  if (responseType !== null && responseType !== 'code') return 'unsupported_response_type';
  if (endpoint.scopes(parameters).length === 0) return 'invalid_scope';
  // RFC 7636 (4.3): a challenge without method means `plain`, which no provider here takes.
  const challenged = parameters.has('code_challenge') || parameters.has('code_challenge_method');
  if (!challenged) return endpoint.challengeRequired ? 'invalid_request' : undefined;
  const wellFormed = /^[A-Za-z0-9_-]{43}$/.test(parameters.get('code_challenge') ?? '');
  return wellFormed && parameters.get('code_challenge_method') === 'S256' ? undefined : 'invalid_request';
}

/** The mock stands for development and production at once: https anywhere, http on loopback only, no fragment. */
function isAllowedRedirect(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || text.includes('#')) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

function redirect(uri: string, answer: Readonly<Record<string, string>>, state: string | null): Response {
  const target = new URL(uri);
  for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value);
  if (state !== null) target.searchParams.set('state', state);
  const headers = {
    location: target.href,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-length': '0',
  };
  return new Response(null, { status: 302, headers });
}
