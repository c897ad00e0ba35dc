import { createHash } from 'node:crypto';
import { approve } from '../../mock/approve.ts';
import { authorizationUrl } from '../../oauth/authorization-request.ts';
import type { Protocol } from '../../oauth/protocol.ts';
import { isSecureUrl } from '../../secure-url.ts';
import { type Finding, pass, skip } from '../check.ts';
import type { Bench } from './bench.ts';
import { demand, given } from './demand.ts';
import { obtain } from './grants.ts';
import type { Line } from './line.ts';
import { broughtToken, protocolOf, requestFor, variantsOf } from './protocol-at.ts';

/** Where the person is sent to; for the other grants, their first request. */
export const authorization: Line = {
  name: 'authorization-url',
  about: 'the endpoints, scopes, redirect and PKCE of `oauth`',
  async run(bench) {
    const { provider, subject } = bench;
    const { grant } = provider.oauth;
    if (grant === 'token') return skip(`${provider.title} has no grant: it takes tokens made elsewhere`);
    if (broughtToken(subject)) return skip('a token was given, so that nobody is sent to a page');
    if (grant !== 'authorization_code') return otherGrant(bench, grant);
    const said: string[] = [];
    for (const variant of variantsOf(provider)) {
      const protocol = await protocolOf(bench, { account: 'north' }, variant);
      said.push(`${variant === undefined ? '' : `as ${variant}: `}${await authorizationPage(protocol)}`);
    }
    return pass(said.join('; '));
  },
};

/** The URL, the page behind it, and what comes back when the person refuses. */
async function authorizationPage(protocol: Protocol): Promise<string> {
  const { settings, endpoints, provider, app } = protocol;
  const request = requestFor(protocol);
  const url = authorizationUrl(protocol, request);
  const { searchParams: query } = url;
  const real = provider.environments.production?.authorizationEndpoint;
  demand(real === undefined || isSecureUrl(real), `${real} is not https`);
  demand(
    url.href.startsWith(endpoints.authorizationEndpoint ?? ''),
    `${url.origin}${url.pathname} is not the endpoint`,
  );
  demand(
    query.get('response_type') === 'code' && query.get('client_id') === app.clientId,
    'no response_type or client_id',
  );
  demand(
    request.state.length >= 43 && request.state !== requestFor(protocol).state,
    'the state is not fresh each time',
  );
  demand(query.get('state') === request.state, 'the state is not in the URL');
  demand(query.get('redirect_uri') === request.redirectUri, 'the redirect is not in the URL');
  const scopes = query.get(settings.scopeParameter) ?? '';
  demand(scopes === settings.scopes.join(settings.scopeSeparator), `the scopes are "${scopes}"`);
  const challenge = createHash('sha256').update(request.verifier).digest('base64url');
  demand(
    settings.pkce || settings.clientAuthentication !== 'none',
    'a client without a secret must use PKCE (RFC 9700, 2.1.1), and it is switched off',
  );
  if (settings.pkce) {
    const fits = query.get('code_challenge') === challenge && query.get('code_challenge_method') === 'S256';
    demand(fits, 'the PKCE challenge is not the S256 of the verifier');
  }
  const page = await fetch(url, { redirect: 'manual' });
  const refusal =
    page.headers.get('location') === null ? '' : ` (${new URL(page.headers.get('location') ?? '').search})`;
  demand(page.status === 200, `the authorization page answered ${page.status}${refusal}`);
  const back = new URL(await approve(url.href, { deny: true })).searchParams;
  demand(
    back.get('error') === 'access_denied' && back.get('state') === request.state,
    'a refusal does not come back as one',
  );
  const asked = settings.scopes.length > 2 ? `${settings.scopes.length} scopes` : `scopes ${scopes || '(none)'}`;
  const bound = settings.pkce ? 'PKCE S256' : 'no PKCE, but a client secret';
  return `GET ${url.pathname} with a fresh state, ${asked}, ${bound}, redirect ${request.redirectUri}: 200; a refusal comes back as access_denied`;
}

async function otherGrant(bench: Bench, grant: string): Promise<Finding> {
  const { standIn, provider } = bench;
  const protocol = await protocolOf(bench, { account: 'north' });
  await obtain(bench, protocol, {});
  const asked = given(
    standIn.seen.find(({ kind, body }) => kind === 'oauth' && body !== ''),
    'nothing came to the token endpoint',
  );
  demand(!/password|secret/.test(asked.path), 'a credential is in the address of the request');
  const members = [...new URLSearchParams(asked.body).keys()].join(', ');
  return pass(
    `${provider.title} has no authorization page: its grant is ${grant}; POST ${asked.path} with ${members} in the body answered ${asked.status}`,
  );
}
