import { createHash } from 'node:crypto';
import { connectionName } from '../../connection.ts';
import { approve } from '../../mock/approve.ts';
import { authorizationUrl } from '../../oauth/authorization-request.ts';
import type { Protocol } from '../../oauth/protocol.ts';
import { openAccessToken, openRefreshToken } from '../../oauth/sealed-token.ts';
import type { TokenSet } from '../../oauth/token-set.ts';
import { isSecureUrl } from '../../secure-url.ts';
import { formatSpan } from '../../span.ts';
import type { ConnectionRow } from '../../store/store.ts';
import { type Finding, pass, skip } from '../check.ts';
import type { Bench } from './bench.ts';
import { demand, failureOf, given } from './demand.ts';
import { broughtToken, connect, isRenewable, keep, obtain, protocolOf, requestFor, variantsOf } from './grants.ts';
import { CONNECTED, type Line } from './line.ts';
import { ask, readsOf } from './reads.ts';
import { isTokenRequest, type Seen } from './stand-in.ts';
import { secureStorage } from './storage-line.ts';

const authorization: Line = {
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

const exchange: Line = {
  name: 'token-exchange',
  about: 'the token endpoint, `oauth.clientAuthentication`, `oauth.pkce` and `oauth.adaptTokenAnswer`',
  async run(bench) {
    const { provider, standIn, subject } = bench;
    if (broughtToken(subject)) return keptToken(bench);
    const said: string[] = [];
    for (const [at, variant] of variantsOf(provider).entries()) {
      const way = { account: `tenant-${at}`, variant };
      const protocol = await protocolOf(bench, way, variant);
      const before = standIn.seen.length;
      const { set, again } = await obtain(bench, protocol, way);
      const asked = given(
        standIn.seen
          .slice(before)
          .findLast(({ kind, method, body }) => kind === 'oauth' && method === 'POST' && /grant_type|code=/.test(body)),
        'nothing came to the token endpoint',
      );
      demandClient(protocol, asked);
      const row = await keep(bench, protocol, set, way);
      demand(
        (await openAccessToken(bench.vault, row)).reveal() === set.accessToken.reveal(),
        'another token is stored',
      );
      const refused = again ? await failureOf(again()) : undefined;
      demand(!again || refused !== undefined, 'the same code was exchanged a second time');
      const second = refused ? `; the same code again is refused (${refused.facts.providerCode ?? refused.code})` : '';
      said.push(`${variant === undefined ? '' : `as ${variant}: `}${exchangeSaid(protocol, asked, set)}${second}`);
    }
    return pass(said.join('; '));
  },
};

/** The client shows itself as the definition says, and in no other way. */
function demandClient({ settings }: Protocol, { headers, body }: Seen): void {
  const form = new URLSearchParams(body);
  const shown = [
    ...(/^basic /i.test(headers.get('authorization') ?? '') ? ['basic'] : []),
    ...(form.has('client_secret') ? ['body'] : []),
  ];
  const wanted = ['basic', 'body'].filter((method) => method === settings.clientAuthentication);
  demand(shown.join() === wanted.join(), `the client was authenticated by ${shown.join(' and ') || 'nothing'}`);
  const verified = form.has('code_verifier');
  if (settings.grant === 'authorization_code')
    demand(verified === settings.pkce, `the PKCE verifier was ${verified ? '' : 'not '}sent`);
}

function exchangeSaid({ settings }: Protocol, { path, body, status }: Seen, set: TokenSet): string {
  const life = set.expiresAt === undefined ? 'that does not expire' : `for ${formatSpan(set.expiresAt - set.issuedAt)}`;
  const grant = new URLSearchParams(body).get('grant_type') ?? 'code';
  return `POST ${path}, ${grant}, client by ${settings.clientAuthentication}: ${status}, an access token ${life}${set.refreshToken ? ' and a refresh token' : ''}`;
}

/** Where there is no exchange: that such a token is kept and taken. */
async function keptToken(bench: Bench): Promise<Finding> {
  const row = await connect(bench);
  const [read] = readsOf(bench.provider);
  const { status } = await ask(bench, row, given(read, 'there is nothing to read'));
  return pass(`no exchange: a token that was made elsewhere is kept, encrypted, and answered with ${status}`);
}

const refresh: Line = {
  name: 'token-refresh',
  needs: CONNECTED,
  about: 'the token endpoint and `oauth.adaptTokenAnswer`',
  // A new refresh token each time, and whoever shows an old one loses all.
  mock: { rotateAlways: true },
  async run(bench) {
    const { tokens, vault, standIn, signal, provider } = bench;
    const first = await connect(bench);
    const offered = standIn.seen.some(
      ({ kind, answer }) => kind === 'oauth' && /"refresh_token"\s*:\s*"[^"]/.test(answer.text),
    );
    const sealed = await openRefreshToken(vault, first);
    demand(!offered || sealed !== undefined, 'the answer held a refresh token, and none was stored');
    if (!isRenewable(provider, first))
      return skip(`${provider.title} gave no refresh token: its access token is used as long as it lives`);
    const seen = new Set<string>();
    let row: ConnectionRow = first;
    for (const round of [1, 2]) {
      const shown = (await openRefreshToken(vault, row))?.reveal();
      const before = standIn.seen.length;
      const { outcome, row: next } = await tokens.refresh(row, signal, { olderThan: row.generation + 1 });
      const asked = standIn.seen.slice(before).filter(isTokenRequest);
      demand(
        outcome === 'refreshed' && asked.length === 1,
        `refresh ${round} was ${outcome}, by ${asked.length} requests`,
      );
      const sent = new URLSearchParams(asked[0]?.body).get('refresh_token') ?? undefined;
      demand(sent === shown, `refresh ${round} showed another refresh token than the one stored`);
      demand(sent === undefined || !seen.has(sent), `refresh ${round} showed a refresh token that was replaced`);
      const answered = /"refresh_token"\s*:\s*"([^"]+)"/.exec(asked[0]?.answer.text ?? '')?.[1];
      const stored = (await openRefreshToken(vault, next))?.reveal();
      demand(answered === undefined || answered === stored, 'the new refresh token was not stored');
      demand(next.generation === row.generation + 1, 'the new token has no new generation');
      const [old, fresh] = [await openAccessToken(vault, row), await openAccessToken(vault, next)];
      demand(old.reveal() !== fresh.reveal(), 'the access token is the old one');
      if (answered !== undefined && answered !== sent && sent !== undefined) seen.add(sent);
      row = next;
    }
    const how = sealed === undefined ? 'by the grant itself' : 'each with the refresh token that was stored last';
    const rotated = seen.size > 0 ? `; ${seen.size} rotations stored before use, no old one shown` : '';
    return pass(`2 refreshes, ${how}${rotated}; generation ${first.generation} to ${row.generation}`);
  },
};

const proactive: Line = {
  name: 'proactive-refresh',
  needs: CONNECTED,
  about: 'the life of the access token that `oauth.adaptTokenAnswer` leaves in the answer',
  async run(bench) {
    const { tokens, clock, standIn, signal, provider } = bench;
    const row = await connect(bench);
    const { issuedAt, expiresAt } = row.token;
    const told = standIn.seen.some(({ kind, answer }) => kind === 'oauth' && /"expires_in"\s*:/.test(answer.text));
    demand(expiresAt !== undefined || !told, 'the answer says when the access token ends, and it is not known');
    if (expiresAt === undefined) return skip('the access token does not expire, so that it is never due');
    if (!isRenewable(provider, row)) return skip('there is nothing to refresh it with');
    const life = expiresAt - issuedAt;
    const connected = standIn.seen.length;
    clock.jump(issuedAt + life * 0.79 - clock.now());
    const early = await tokens.bearer(row, signal);
    demand(early.generation === row.generation, 'it was refreshed at 79 % of its life');
    clock.jump(life * 0.02);
    const [due, same] = await Promise.all([tokens.bearer(row, signal), tokens.bearer(row, signal)]);
    const refreshes = standIn.seen.slice(connected).filter(isTokenRequest).length;
    demand(due.generation === row.generation + 1, 'it was not refreshed at 81 % of its life');
    demand(refreshes === 1 && same.generation === due.generation, `two callers at once made ${refreshes} requests`);
    return pass(
      `a life of ${formatSpan(life)}: fresh at 79 % (no request), refreshed at 81 % with one request for two callers of ${connectionName(row)}`,
    );
  },
};

export const OAUTH_LINES: readonly Line[] = [authorization, exchange, refresh, proactive, secureStorage];
