import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Secret } from '../../src/secret.ts';
import { parseSpan } from '../../src/span.ts';
import type { Capture } from '../../src/webhooks/capture.ts';
import type { Verdict, WebhookScheme } from '../../src/webhooks/scheme.ts';
import type { Define } from '../shared/define.ts';
import { parseInstant } from '../shared/instant.ts';
import { iso } from '../shared/when.ts';

interface Options {
  readonly scheme?: string;
  readonly body?: string;
  readonly header: readonly string[];
  readonly at?: string;
  readonly tolerance?: string;
}

interface Result {
  readonly input: string;
  readonly provider?: string | undefined;
  readonly verdict: Verdict;
  readonly detail: string;
  readonly eventId?: string | undefined;
  readonly signedAt?: string | undefined;
}

export const define: Define = (parent, run) => {
  parent
    .command('verify [inputs...]')
    .usage('[<provider>] [<file...>] [options]')
    .description('check signatures of fixtures, raw requests, directories of them, or of a body and headers')
    .option('--scheme <preset>', 'verify without any provider; the secret is LWI_WEBHOOK_SECRET')
    .option('--body <file>', 'raw body from a file, or - for stdin; headers by -H')
    .option(
      '-H, --header <header>',
      'header "Name: value" for --body; repeatable',
      (line, before: string[]) => [...before, line],
      [],
    )
    .option('--at <time>', 'verify as of this ISO time instead of now')
    .option('--tolerance <span>', 'how far the signed time may be off, e.g. 5m')
    .action(run(verifyWebhooks));
};

async function verifyWebhooks(context: Context, options: Options, words: readonly string[]): Promise<number> {
  const { terminal } = context;
  const now = options.at === undefined ? context.clock.now() : parseInstant(options.at, '--at');
  const toleranceMs = options.tolerance === undefined ? undefined : parseSpan(options.tolerance, '--tolerance');
  const { provider, files } = await split(context, options, words);
  const judge = await judgeFor(context, options, provider, now, toleranceMs);
  const results: Result[] = [];
  const { webhookInputs } = await import('../shared/webhook-inputs.ts');
  for await (const [input, capture] of webhookInputs(context, options, files)) {
    results.push(await judge(input, capture));
  }
  const failed = results.filter(({ verdict }) => verdict !== 'verified').length;
  if (terminal.json) terminal.document({ verified: results.length - failed, failed, results });
  else await show(context, results);
  return failed > 0 ? 6 : 0;
}

/** The first word is a provider if it names one and --scheme does not say otherwise; everything else is a file. */
async function split(context: Context, options: Options, words: readonly string[]) {
  const [first, ...rest] = words;
  const known =
    options.scheme === undefined && first !== undefined && (await context.providers()).some(({ id }) => id === first);
  const files = known ? rest : words;
  if (options.body !== undefined && files.length > 0) throw new LwiError('USAGE', 'Give files or --body, not both.');
  if (options.body !== undefined && !known && options.scheme === undefined)
    throw new LwiError('USAGE', '--body needs a provider or --scheme.');
  return { provider: known ? first : undefined, files: files.length > 0 || options.body !== undefined ? files : ['-'] };
}

async function judgeFor(
  context: Context,
  options: Options,
  named: string | undefined,
  now: number,
  toleranceMs: number | undefined,
) {
  const { webhookSecrets } = await import('../shared/webhook-secrets.ts');
  const { verify } = await import('../../src/webhooks/verify.ts');
  const { schemeEventId } = await import('../../src/webhooks/event-id.ts');
  const { presetScheme, PRESET_NAMES } = await import('../../src/webhooks/presets.ts');
  const preset = options.scheme === undefined ? undefined : presetScheme(options.scheme);
  if (options.scheme !== undefined && !preset) {
    throw new LwiError('USAGE', `"${options.scheme}" is no scheme: ${PRESET_NAMES.join(', ')}.`);
  }
  const account = await context.account();
  const known = new Map<string, { scheme: WebhookScheme; secrets: Secret[] }>();
  const means = async (provider: string | undefined) => {
    const name = provider ?? '';
    const found = known.get(name) ?? {
      scheme: preset ?? (await schemeOf(context, provider)),
      secrets: await webhookSecrets(context, preset ? undefined : provider),
    };
    known.set(name, found);
    return found;
  };
  return async (input: string, capture: Capture | LwiError): Promise<Result> => {
    if (capture instanceof LwiError)
      return { input, provider: named, verdict: 'malformed-input', detail: capture.message };
    const provider = preset ? undefined : (named ?? capture.provider);
    const { scheme, secrets } = await means(provider);
    const { verdict, detail, signedAt } = verify({ ...capture, scheme, secrets, now, toleranceMs });
    const { eventId } = await import('../../src/webhooks/event-id.ts');
    const id = verdict === 'verified' ? schemeEventId(scheme, capture.headers, capture.body) : undefined;
    return {
      ...{ input, provider: provider ?? options.scheme, verdict, detail, signedAt: iso(signedAt) },
      eventId:
        verdict === 'verified'
          ? eventId({ provider: provider ?? scheme.name, account, body: capture.body, id })
          : undefined,
    };
  };
}

async function schemeOf(context: Context, id: string | undefined): Promise<WebhookScheme> {
  if (id === undefined)
    throw new LwiError('USAGE', 'The input does not name its provider.', {
      hint: 'Name the provider, or give --scheme.',
    });
  const provider = await context.provider(id);
  if (provider.webhook) return provider.webhook.scheme;
  throw new LwiError('UNSUPPORTED', `${provider.title} has no webhook scheme.`, { provider: id });
}

async function show({ terminal }: Context, results: readonly Result[]): Promise<void> {
  const { renderTable } = await import('../../src/table.ts');
  const paint = ({ verdict }: Result) =>
    verdict === 'verified' ? terminal.style.good(verdict) : terminal.style.bad(verdict);
  const columns = [
    { heading: 'input', cell: (row: Result) => row.input },
    { heading: 'provider', cell: (row: Result) => row.provider ?? '' },
    { heading: 'verdict', cell: paint },
    { heading: 'detail', cell: (row: Result) => (row.verdict === 'verified' ? '' : row.detail) },
  ];
  terminal.out(...renderTable(columns, results, terminal.width));
}
