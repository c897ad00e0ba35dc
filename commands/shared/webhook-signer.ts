import type { Context } from '../../src/context.ts';
import { accountOption, LwiError } from '../../src/errors.ts';
import type { Secret } from '../../src/secret.ts';
import type { WebhookScheme } from '../../src/webhooks/scheme.ts';

/** What a delivery is signed with. */
export interface Signer {
  readonly scheme: WebhookScheme;
  readonly secret: Secret;
}

/**
 * The signer of a provider: the first of its secrets that are valid now, of the environment or else of the account's vault (the chosen account where none is
 * named). Throws UNSUPPORTED for a provider without webhooks, and CREDENTIALS_MISSING.
 */
export async function signerOf(context: Context, id: string, account?: string): Promise<Signer> {
  const { givenWebhookSecrets, storedWebhookSecrets } = await import('./webhook-secrets.ts');
  const provider = await context.provider(id);
  if (!provider.webhook)
    throw new LwiError('UNSUPPORTED', `${provider.title} has no webhook scheme.`, { provider: id });
  const key = { account: account ?? (await context.account()), provider: id };
  const [secret] = givenWebhookSecrets(context, id) ?? (await storedWebhookSecrets(context, key));
  if (secret) return { scheme: provider.webhook.scheme, secret };
  const { variableName } = await import('../../src/oauth/app-credentials.ts');
  throw new LwiError('CREDENTIALS_MISSING', `There is no webhook secret of ${provider.title}.`, {
    ...key,
    hint: `Set ${variableName(id, 'webhook-secret')}, or run \`lwi secret set ${id} webhook-secret${accountOption(key.account)}\`.`,
  });
}

/** The signer that `--scheme` means, with the secret of LWI_WEBHOOK_SECRET. Throws like `webhookScheme`, and CREDENTIALS_MISSING. */
export async function schemeSigner(context: Context, text: string): Promise<Signer> {
  const { webhookScheme } = await import('./webhook-scheme.ts');
  const { givenWebhookSecrets } = await import('./webhook-secrets.ts');
  const scheme = await webhookScheme(text);
  const [secret] = givenWebhookSecrets(context, undefined) ?? [];
  if (secret) return { scheme, secret };
  throw new LwiError('CREDENTIALS_MISSING', `There is no secret to sign with as ${scheme.name}.`, {
    hint: 'Set LWI_WEBHOOK_SECRET.',
  });
}
