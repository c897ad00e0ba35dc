import type { Context } from '../../src/context.ts';
import { variableName } from '../../src/oauth/app-credentials.ts';
import { Secret } from '../../src/secret.ts';

/**
 * The webhook secrets that are valid now: from `LWI_<PROVIDER>_WEBHOOK_SECRET` (`LWI_WEBHOOK_SECRET` where no provider is meant), one
 * a line while rotating, else from the vault. The database is opened only when the environment has none.
 */
export async function webhookSecrets(context: Context, provider: string | undefined): Promise<Secret[]> {
  const variable = provider === undefined ? 'LWI_WEBHOOK_SECRET' : variableName(provider, 'webhook-secret');
  const given = context.host.env[variable];
  if (given !== undefined && given !== '') return lines(given);
  if (provider === undefined) return [];
  const store = await context.existingStore();
  const key = { account: await context.account(), provider };
  const stored = await store?.secret({ ...key, name: 'webhook-secret' });
  if (!stored) return [];
  const opened = await (await context.vault()).open(stored.sealed, { ...key, column: 'secret', row: 'webhook-secret' });
  return lines(opened.reveal());
}

function lines(text: string): Secret[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) => new Secret(line));
}
