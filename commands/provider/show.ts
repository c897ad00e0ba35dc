import { ENVIRONMENTS } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import { formatSpan } from '../../src/span.ts';
import type { Define } from '../shared/define.ts';

export const define: Define = (parent, run) => {
  parent
    .command('show [provider]')
    .description('grants, endpoints, limits, entities and webhooks of a provider, and how to keep it in sync')
    .action(run(showProvider));
};

async function showProvider(context: Context, _options: unknown, given?: string): Promise<undefined> {
  const { terminal } = context;
  const { anyProvider, askedProvider } = await import('../shared/asked-provider.ts');
  const id = await askedProvider(context, ['provider', 'show'], given, anyProvider(context));
  const provider = await context.provider(id);
  const { oauth, api, limits, streams, webhook } = provider;
  const available = ENVIRONMENTS.filter((env) => provider.environments[env] !== undefined);
  const endpoints = Object.fromEntries(
    await Promise.all(available.map(async (env) => [env, await context.endpoints(provider, env)] as const)),
  );
  const { decide } = await import('../../src/providers/decision.ts');
  const sync = decide(provider);
  const facts = {
    ...{
      id: provider.id,
      title: provider.title,
      grant: oauth.grant,
      pkce: oauth.pkce,
      clientAuthentication: oauth.clientAuthentication,
    },
    ...{ scopes: oauth.scopes, variants: Object.keys(oauth.variants ?? {}), redirectUri: oauth.redirect.loopback },
    ...{ httpsRedirectOnlyIn: oauth.redirect.httpsOnlyIn, endpoints, probe: api.probe.path, limits },
    entities: streams.map(({ name, overlapMs, minIntervalMs, resumable }) => ({
      name,
      overlapMs,
      minIntervalMs,
      resumable,
    })),
    webhook: webhook && {
      scheme: webhook.scheme.name,
      header: webhook.scheme.signatureHeader,
      toleranceMs: webhook.scheme.toleranceMs,
      delivery: webhook.delivery,
    },
    sync,
  };
  if (terminal.json) return void terminal.document(facts);
  const { renderPairs } = await import('../../src/table.ts');
  terminal.out(
    ...renderPairs(
      [
        ['provider', `${provider.title} (${provider.id})`],
        [
          'grant',
          `${oauth.grant}${oauth.pkce ? ' with PKCE' : ''}, client authentication: ${oauth.clientAuthentication}`,
        ],
        [
          'connect as',
          Object.entries(oauth.variants ?? {})
            .map(([name, { title }]) => `${name} (${title})`)
            .join(', '),
        ],
        ['scopes', oauth.scopes.join(' ')],
        ['redirect', oauth.grant === 'authorization_code' ? oauth.redirect.loopback : ''],
        ['https redirect in', oauth.redirect.httpsOnlyIn.join(', ')],
        ...Object.entries(facts.endpoints).map(([env, { apiBaseUrl }]) => [`API (${env})`, apiBaseUrl] as const),
        ['limits', limits.map(({ name, permits, perMs }) => `${name}: ${permits} per ${formatSpan(perMs)}`).join('; ')],
        ['entities', streams.map(({ name }) => name).join(', ')],
        ['webhooks', webhook ? `${webhook.scheme.name}, signature in ${webhook.scheme.signatureHeader}` : 'none'],
        ['keep in sync by', `${sync.advice === 'both' ? 'webhooks and polling' : sync.advice}: ${sync.because}`],
      ],
      terminal.tableWidth,
    ),
  );
  terminal.out(
    '',
    ...renderPairs(
      sync.matrix.map(({ factor, favours, why }) => [factor, `${favours}: ${why}`]),
      terminal.tableWidth,
    ),
  );
}
