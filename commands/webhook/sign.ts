import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { WebhookScheme } from '../../src/webhooks/scheme.ts';
import type { Define } from '../shared/define.ts';
import { parseInstant } from '../shared/instant.ts';

interface Options {
  readonly scheme?: string;
  readonly body: string;
  readonly at?: string;
  readonly method?: string;
  readonly url?: string;
}

export const define: Define = (parent, run) => {
  parent
    .command('sign [provider]')
    .description('print the headers that a true delivery of this body would carry')
    .option(
      '--scheme <scheme>',
      'a preset, or JSON or a file of it, instead of a provider; the secret is LWI_WEBHOOK_SECRET',
    )
    .option('--body <file>', 'raw body from a file, or - for stdin', '-')
    .option('--method <method>', 'the method, where that is signed (default: POST)')
    .option('--url <url>', 'the URL it will be sent to, where that is signed')
    .option('--at <time>', 'sign as of this ISO time instead of now')
    .action(run(signWebhook));
};

async function signWebhook(context: Context, options: Options, id: string | undefined): Promise<undefined> {
  if ((id === undefined) === (options.scheme === undefined))
    throw new LwiError('USAGE', 'Name a provider, or give --scheme: one of them.');
  const { webhookSecrets } = await import('../shared/webhook-secrets.ts');
  const { readInput } = await import('../shared/read-input.ts');
  const { signedTarget } = await import('../shared/signed-target.ts');
  const { sign } = await import('../../src/webhooks/sign.ts');
  const { covers } = await import('../../src/webhooks/signature.ts');
  const { terminal, clock } = context;
  const { scheme, title } = await signerOf(context, id, options.scheme);
  const target = signedTarget({ method: options.method ?? 'POST', url: options.url });
  if (covers(scheme, 'url') && target.url === undefined)
    throw new LwiError('USAGE', `${scheme.name} signs the URL: give --url.`);
  const [secret] = await webhookSecrets(context, id);
  if (!secret) throw await secretMissing(id, title);
  const timestamp = options.at === undefined ? clock.now() : parseInstant(options.at, '--at');
  const body = await readInput(context, options.body);
  const headers = sign({ scheme, secret, body, timestamp, ...target });
  if (terminal.json) return void terminal.document({ provider: id ?? scheme.name, headers });
  terminal.out(...Object.entries(headers).map(([name, value]) => `${name}: ${value}`));
}

async function signerOf(
  context: Context,
  id: string | undefined,
  text: string | undefined,
): Promise<{ readonly scheme: WebhookScheme; readonly title: string }> {
  if (text !== undefined) {
    const { webhookScheme } = await import('../shared/webhook-scheme.ts');
    const scheme = await webhookScheme(text);
    return { scheme, title: scheme.name };
  }
  const { webhook, title, id: provider } = await context.provider(id ?? '');
  if (!webhook) throw new LwiError('UNSUPPORTED', `${title} has no webhook scheme.`, { provider });
  return { scheme: webhook.scheme, title };
}

async function secretMissing(id: string | undefined, title: string): Promise<LwiError> {
  if (id === undefined)
    return new LwiError('CREDENTIALS_MISSING', 'There is no webhook secret.', { hint: 'Set LWI_WEBHOOK_SECRET.' });
  const { variableName } = await import('../../src/oauth/app-credentials.ts');
  return new LwiError('CREDENTIALS_MISSING', `There is no webhook secret of ${title}.`, {
    provider: id,
    hint: `Set ${variableName(id, 'webhook-secret')}, or run \`lwi secret set ${id} webhook-secret\`.`,
  });
}
