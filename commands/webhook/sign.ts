import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
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

async function signWebhook(context: Context, options: Options, given: string | undefined): Promise<undefined> {
  if (given !== undefined && options.scheme !== undefined)
    throw new LwiError('USAGE', 'Name a provider, or give --scheme: one of them.');
  const id = options.scheme === undefined ? await whose(context, given) : undefined;
  const { schemeSigner, signerOf } = await import('../shared/webhook-signer.ts');
  const { readInput } = await import('../shared/read-input.ts');
  const { signedTarget } = await import('../shared/signed-target.ts');
  const { sign } = await import('../../src/webhooks/sign.ts');
  const { covers } = await import('../../src/webhooks/signature.ts');
  const { terminal, clock } = context;
  const { scheme, secret } =
    options.scheme === undefined ? await signerOf(context, id ?? '') : await schemeSigner(context, options.scheme);
  const target = signedTarget({ method: options.method ?? 'POST', url: options.url });
  if (covers(scheme, 'url') && target.url === undefined)
    throw new LwiError('USAGE', `${scheme.name} signs the URL: give --url.`);
  const timestamp = options.at === undefined ? clock.now() : parseInstant(options.at, '--at');
  const body = await readInput(context, options.body);
  const headers = sign({ scheme, secret, body, timestamp, ...target });
  if (terminal.json) return void terminal.document({ provider: id ?? scheme.name, headers });
  terminal.out(...Object.entries(headers).map(([name, value]) => `${name}: ${value}`));
}

async function whose(context: Context, given: string | undefined): Promise<string> {
  const { anyProvider, askedProvider } = await import('../shared/asked-provider.ts');
  const question = { ...anyProvider(context, ({ webhook }) => webhook !== undefined), lookUp: 'Or give --scheme.' };
  return askedProvider(context, ['webhook', 'sign'], given, question);
}
