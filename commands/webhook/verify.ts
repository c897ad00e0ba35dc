import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Secret } from '../../src/secret.ts';
import { parseSpan } from '../../src/span.ts';
import type { Capture } from '../../src/webhooks/capture.ts';
import type { WebhookScheme } from '../../src/webhooks/scheme.ts';
import type { Define } from '../shared/define.ts';
import { parseInstant } from '../shared/instant.ts';
import { iso } from '../shared/when.ts';
import { type Result, verdictReport } from './verdict-report.ts';

interface Options {
  readonly scheme?: string;
  readonly body?: string;
  readonly header: readonly string[];
  readonly method?: string;
  readonly url?: string;
  readonly at?: string;
  readonly tolerance?: string;
  readonly jsonl?: boolean;
  readonly all?: boolean;
}

export const define: Define = (parent, run) => {
  parent
    .command('verify [inputs...]')
    .usage('[<provider>] [<file...>] [options]')
    .description(
      'check signatures of fixtures, raw requests, JSON lines, directories of them, or of a body and headers',
    )
    .option(
      '--scheme <scheme>',
      'a preset, or JSON or a file of it; without any provider, the secret is LWI_WEBHOOK_SECRET',
    )
    .option('--body <file>', 'raw body from a file, or - for stdin; headers by -H')
    .option(
      '-H, --header <header>',
      'header "Name: value" for --body; repeatable',
      (line, before: string[]) => [...before, line],
      [],
    )
    .option('--method <method>', 'the method it came with, where that is signed')
    .option('--url <url>', 'the URL it was sent to, where that is signed and another than captured')
    .option('--at <time>', 'verify as of this ISO time instead of now')
    .option('--tolerance <span>', 'how far the signed time may be off, e.g. 5m')
    .option('--jsonl', 'a line of JSON for each result as soon as it is known')
    .option('--all', 'show every result, also of more than 20')
    .action(run(verifyWebhooks));
};

async function verifyWebhooks(context: Context, options: Options, words: readonly string[]): Promise<number> {
  const now = options.at === undefined ? context.clock.now() : parseInstant(options.at, '--at');
  const toleranceMs = options.tolerance === undefined ? undefined : parseSpan(options.tolerance, '--tolerance');
  const { provider, files } = await split(context, options, words);
  const { readWebhookInputs } = await import('../shared/webhook-inputs.ts');
  const judge = await judgeFor(context, options, provider, now, toleranceMs);
  const report = verdictReport(context, options);
  await readWebhookInputs(context, options, files, (input, capture) => {
    if (context.host.stdout.gone)
      throw new LwiError('OUTPUT_CLOSED', 'Whoever was reading the output has ended.', {
        hint: 'What was not read was not verified: run the command again and read all of it.',
      });
    const result = judge(input, capture);
    if (!(result instanceof Promise)) return void report.take(result);
    return result.then((late) => report.take(late));
  });
  return (await report.end()) > 0 ? 6 : 0;
}

/** The first word is a provider if it names one and --scheme does not say otherwise; everything else is a file. */
async function split(context: Context, options: Options, words: readonly string[]) {
  const [first, ...rest] = words;
  const known =
    options.scheme === undefined && first !== undefined && (await context.providers()).some(({ id }) => id === first);
  const files = known ? rest : words;
  if (options.body !== undefined && files.length > 0) throw new LwiError('USAGE', 'Give files or --body, not both.');
  if (options.body === undefined && options.header.length > 0)
    throw new LwiError('USAGE', '--header goes with --body: what is read otherwise has headers of its own.');
  if (options.body !== undefined && !known && options.scheme === undefined)
    throw new LwiError('USAGE', '--body needs a provider or --scheme.');
  return { provider: known ? first : undefined, files: files.length > 0 || options.body !== undefined ? files : ['-'] };
}

/** How the deliveries of a provider are verified. */
interface Means {
  readonly scheme: WebhookScheme;
  readonly secrets: readonly Secret[];
}

type Judge = (input: string, capture: Capture | LwiError) => Result | Promise<Result>;

/** A judge that waits only for the first delivery of each provider: scheme and secrets are then known. */
async function judgeFor(
  context: Context,
  options: Options,
  named: string | undefined,
  now: number,
  toleranceMs: number | undefined,
): Promise<Judge> {
  const { webhookSecrets } = await import('../shared/webhook-secrets.ts');
  const { verify } = await import('../../src/webhooks/verify.ts');
  const { eventId, schemeEventId } = await import('../../src/webhooks/event-id.ts');
  const target = await targetOf(options);
  const given = options.scheme === undefined ? undefined : await schemeGiven(options.scheme);
  const account = await context.account();
  const known = new Map<string | undefined, Means>();
  const learn = async (provider: string | undefined): Promise<Means> => {
    const scheme = given ?? (await schemeOf(context, provider));
    const means = { scheme, secrets: await webhookSecrets(context, provider) };
    known.set(provider, means);
    return means;
  };
  const judge = (input: string, capture: Capture, provider: string | undefined, { scheme, secrets }: Means): Result => {
    const { verdict, detail, signedAt } = verify({ ...capture, ...target, scheme, secrets, now, toleranceMs });
    const { headers, body } = capture;
    const event = { provider: provider ?? scheme.name, account, body };
    return {
      ...{ input, provider: provider ?? scheme.name, verdict, detail },
      eventId: verdict === 'verified' ? eventId({ ...event, id: schemeEventId(scheme, headers, body) }) : undefined,
      signedAt: iso(signedAt),
    };
  };
  return (input, capture) => {
    if (capture instanceof LwiError)
      return { input, provider: named ?? given?.name, verdict: 'malformed-input', detail: capture.message };
    const provider = given ? undefined : (named ?? capture.provider);
    const means = known.get(provider);
    if (means) return judge(input, capture, provider, means);
    return learn(provider).then((learnt) => judge(input, capture, provider, learnt));
  };
}

async function schemeGiven(text: string): Promise<WebhookScheme> {
  const { webhookScheme } = await import('../shared/webhook-scheme.ts');
  return webhookScheme(text);
}

/** What --method and --url put in the place of what was captured. */
async function targetOf({ method, url }: Options): Promise<{ readonly method?: string; readonly path?: string }> {
  if (method === undefined && url === undefined) return {};
  const { signedTarget } = await import('../shared/signed-target.ts');
  const target = signedTarget({ method, url });
  return {
    ...(target.method === undefined ? {} : { method: target.method }),
    ...(target.url === undefined ? {} : { path: target.url }),
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
