import type { Environment } from '../../src/connection.ts';
import { ERROR_KINDS } from '../../src/errors.ts';
import { mockUrl } from '../../src/mock/mock-url.ts';
import type { OAuthSettings } from '../../src/providers/oauth-settings.ts';
import type { Endpoints, Provider } from '../../src/providers/provider.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import { formatSpan } from '../../src/span.ts';
import { PRESETS } from '../../src/webhooks/presets.ts';
import type { WebhookScheme } from '../../src/webhooks/scheme.ts';
import { code, generated, page, table } from './markdown.ts';

/** What lwi knows of each built-in provider, and the webhook schemes that work without one. */
export function providersPage(): string {
  return page(
    generated('Providers', '`src/providers/registry.ts` and `src/webhooks/presets.ts`'),
    'What the code does. Why it does so, and what is not known for certain, is in [docs/providers](../providers/).',
    ...BUILT_IN.flatMap(section),
    '## Webhook schemes',
    'For `lwi webhook verify --scheme <preset>`, and for `webhook.scheme` of a provider of your own. The key is the secret as UTF-8 text, ' +
      'unless said otherwise. The time window holds in both directions.',
    table(
      ['scheme', 'signature in', 'form', 'signed text', 'time window'],
      Object.values(PRESETS).map((scheme: WebhookScheme) => schemeRow(scheme)),
    ),
  );
}

function section(provider: Provider): string[] {
  const { id, title, oauth, limits, streams, api, webhook } = provider;
  const scheme = webhook?.scheme;
  return [
    `## ${title} (${code(id)})`,
    table(['', ''], [...oauthRows(oauth), ['Probe', code(`${api.probe.method} ${api.probe.path}`)]]),
    '### Endpoints',
    table(['environment', 'what', 'URL'], environmentsOf(provider).flatMap(endpointRows)),
    '### Limits that lwi keeps',
    table(
      ['limit', 'requests', 'at once'],
      limits.map(({ name, permits, perMs, burst }) => [
        code(name),
        `${permits} in ${formatSpan(perMs)}`,
        String(burst),
      ]),
    ),
    '### Entities',
    table(
      [
        'entity',
        'window reaches back behind the cursor',
        'shortest time between runs',
        'an interrupted run goes on at its page',
      ],
      streams.map(({ name, overlapMs, minIntervalMs, resumable }) => [
        code(name),
        overlapMs === 0 ? 'no' : formatSpan(overlapMs),
        minIntervalMs === 0 ? 'any' : formatSpan(minIntervalMs),
        resumable ? 'yes' : 'no, it starts its window again',
      ]),
    ),
    ...codesOf(provider),
    '### Webhooks',
    scheme ? `Scheme ${code(scheme.name)}, signature in ${code(scheme.signatureHeader)}.` : 'None.',
  ];
}

function codesOf({ faultCodes }: Provider): string[] {
  if (faultCodes.length === 0) return [];
  return [
    '### Codes in its answers',
    'They go before the status. What each code of lwi means for you is in [the page of errors](errors.md).',
    table(
      ['code', 'what has happened', 'code of lwi', 'exit code'],
      faultCodes.map(({ code: theirs, error, meaning }) => [
        ...[code(theirs), meaning, code(error), String(ERROR_KINDS[error].exit)],
      ]),
    ),
  ];
}

function oauthRows(oauth: OAuthSettings): string[][] {
  const variants = Object.entries(oauth.variants ?? {}).map(([name, { title }]) => `${code(name)}: ${title}`);
  const browser = oauth.grant === 'authorization_code';
  return [
    ['Grant', code(oauth.grant)],
    ['PKCE', oauth.pkce ? 'S256' : 'no'],
    ['Client authentication', code(oauth.clientAuthentication)],
    ['Scopes asked for', oauth.scopes.map(code).join(' ') || 'none'],
    ...(variants.length > 0 ? [['Connect as', variants.join('; ')]] : []),
    ...(browser ? [['Redirect URI', code(oauth.redirect.loopback)]] : []),
    ...(browser ? [['https redirect URI needed in', oauth.redirect.httpsOnlyIn.map(code).join(', ') || 'none']] : []),
    ['When the refresh token is refused', oauth.onRefreshRejected === 'password' ? 'log in again' : 'connect again'],
    ['Revocation', oauth.revocation],
    ...(oauth.acceptsPastedToken ? [['Token of your own', code('--with-token')]] : []),
  ];
}

function environmentsOf({ environments }: Provider): [Environment, Endpoints][] {
  const { production, sandbox, mock } = environments;
  return [
    ...(production ? [['production', production] as [Environment, Endpoints]] : []),
    ...(sandbox ? [['sandbox', sandbox] as [Environment, Endpoints]] : []),
    ...(mock ? [['mock', mock(mockUrl({}))] as [Environment, Endpoints]] : []),
  ];
}

function endpointRows([env, endpoints]: [Environment, Endpoints]): string[][] {
  const names: readonly (readonly [keyof Endpoints, string])[] = [
    ['authorizationEndpoint', 'authorize'],
    ['tokenEndpoint', 'token'],
    ['revocationEndpoint', 'revoke'],
    ['issuer', 'issuer'],
    ['apiBaseUrl', 'API'],
  ];
  return names.flatMap(([name, what]) => (endpoints[name] ? [[env, what, code(endpoints[name])]] : []));
}

function schemeRow(scheme: WebhookScheme): string[] {
  const { name, algorithm, encoding, prefix, prefixOptional, signed, timestampHeader, timestampPrefix } = scheme;
  const front = prefix === '' ? '' : ` behind ${code(prefix)}${prefixOptional ? ' or bare' : ''}`;
  const key = scheme.secretEncoding ? `; the secret is ${scheme.secretEncoding}` : '';
  const timed = timestampHeader !== undefined || timestampPrefix !== undefined;
  return [
    code(name),
    code(scheme.signatureHeader),
    `HMAC-${algorithm.toUpperCase()}, ${encoding}${front}${key}`,
    code(signed),
    timed
      ? `${formatSpan(scheme.toleranceMs)} (${code(timestampHeader ?? `${timestampPrefix}…`)})`
      : 'no time is signed',
  ];
}
