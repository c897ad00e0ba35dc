import type { ConnectionKey } from '../../src/connection.ts';
import type { Context } from '../../src/context.ts';
import { variableName } from '../../src/oauth/app-credentials.ts';
import { Secret } from '../../src/secret.ts';

/**
 * The webhook secrets that are valid now: from `LWI_<PROVIDER>_WEBHOOK_SECRET` (`LWI_WEBHOOK_SECRET` where no provider is meant), one
 * a line while rotating, else from the vault. The database is opened only when the environment has none.
 */
export async function webhookSecrets(context: Context, provider: string | undefined): Promise<Secret[]> {
  const given = givenWebhookSecrets(context, provider);
  if (given || provider === undefined) return given ?? [];
  return storedWebhookSecrets(context, { account: await context.account(), provider });
}

/** Those that the environment gives, for every account; undefined: it gives none. */
export function givenWebhookSecrets({ host }: Context, provider: string | undefined): Secret[] | undefined {
  const variable = provider === undefined ? 'LWI_WEBHOOK_SECRET' : variableName(provider, 'webhook-secret');
  const given = host.env[variable];
  return given === undefined || given === '' ? undefined : lines(given);
}

/** Those of one account in the vault. */
export async function storedWebhookSecrets(context: Context, key: ConnectionKey): Promise<Secret[]> {
  const store = await context.existingStore();
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
