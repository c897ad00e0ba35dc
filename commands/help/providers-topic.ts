import { variableName } from '../../src/oauth/app-credentials.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { formatSpan } from '../../src/span.ts';
import type { TopicContent, TopicContext } from './topic.ts';

/** `lwi help providers`: those of the config are among them. Throws CONFIG_INVALID. */
export async function providersTopic(context: TopicContext): Promise<TopicContent> {
  const { providers: own = {} } = await context.config();
  const data = (await context.providers()).map((provider) => ({
    id: provider.id,
    title: provider.title,
    source: Object.hasOwn(own, provider.id) ? 'config' : 'built in',
    grant: provider.oauth.grant,
    variables: variablesOf(provider),
    environments: Object.keys(provider.environments),
    entities: provider.streams.map(({ name }) => name),
    limits: provider.limits,
    webhook: provider.webhook?.scheme.name,
  }));
  return {
    data,
    sections: data.map(({ id, title, source, grant, variables, environments, entities, limits, webhook }) => ({
      heading: `${id}: ${title}, ${source === 'config' ? 'from the config' : source}`,
      entries: [
        { term: 'grant', text: grant },
        { term: 'variables', text: variables.join(' ') || 'none' },
        { term: 'environments', text: environments.join(', ') },
        { term: 'entities', text: entities.join(', ') || 'none' },
        {
          term: 'limits',
          text: limits.map((rule) => `${rule.name}: ${rule.permits} in ${formatSpan(rule.perMs)}`).join('; '),
        },
        { term: 'webhooks', text: webhook ?? 'none' },
        { term: 'all of it', text: `\`lwi provider show ${id}\`` },
      ],
    })),
  };
}

/** What the grant takes from the environment, unless it is in the vault. */
function variablesOf({ id, oauth, webhook }: Provider): string[] {
  const app = oauth.clientAuthentication === 'omitted' || oauth.grant === 'token' ? [] : ['client-id'];
  const secret = app.length > 0 && oauth.clientAuthentication !== 'none' ? ['client-secret'] : [];
  const login = oauth.grant === 'password' ? ['username', 'password'] : [];
  const names = [...app, ...secret, ...login, ...(webhook ? ['webhook-secret'] : [])];
  return names.map((name) => variableName(id, name));
}
