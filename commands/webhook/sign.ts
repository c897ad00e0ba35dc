import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Define } from '../shared/define.ts';
import { parseInstant } from '../shared/instant.ts';

export const define: Define = (parent, run) => {
  parent
    .command('sign <provider>')
    .description('print the headers that a true delivery of this body would carry')
    .option('--body <file>', 'raw body from a file, or - for stdin', '-')
    .option('--at <time>', 'sign as of this ISO time instead of now')
    .action(run(signWebhook));
};

async function signWebhook(context: Context, options: { body: string; at?: string }, id: string): Promise<undefined> {
  const { webhookSecrets } = await import('../shared/webhook-secrets.ts');
  const { readInput } = await import('../shared/read-input.ts');
  const { terminal, clock } = context;
  const { sign } = await import('../../src/webhooks/sign.ts');
  const provider = await context.provider(id);
  if (!provider.webhook)
    throw new LwiError('UNSUPPORTED', `${provider.title} has no webhook scheme.`, { provider: id });
  const [secret] = await webhookSecrets(context, provider.id);
  if (!secret) {
    const { variableName } = await import('../../src/oauth/app-credentials.ts');
    throw new LwiError('CREDENTIALS_MISSING', `There is no webhook secret of ${provider.title}.`, {
      provider: id,
      hint: `Set ${variableName(id, 'webhook-secret')}, or run \`lwi secret set ${id} webhook-secret\`.`,
    });
  }
  const timestamp = options.at === undefined ? clock.now() : parseInstant(options.at, '--at');
  const body = await readInput(context, options.body);
  const headers = sign({ scheme: provider.webhook.scheme, secret, body, timestamp });
  if (terminal.json) return void terminal.document({ provider: provider.id, headers });
  terminal.out(...Object.entries(headers).map(([name, value]) => `${name}: ${value}`));
}
