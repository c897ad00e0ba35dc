import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { SampleDelivery, WebhookSamples } from '../../src/providers/webhook-samples.ts';
import type { OutgoingRequest } from '../../src/webhooks/request-sender.ts';
import type { Define } from '../shared/define.ts';
import type { Target } from '../shared/target.ts';

interface Options {
  readonly set?: readonly string[];
  readonly to?: string;
  readonly format?: string;
  readonly timeout: string;
  readonly raw?: boolean;
  readonly list?: boolean;
  readonly yes?: boolean;
}

export const define: Define = (parent, run) => {
  parent
    .command('trigger [provider] [event]')
    .description('make an event as the provider would, sign it, and send or print it')
    .option(
      '--set <path=value>',
      'put a value into the body, e.g. event.text=hello; JSON where it is any, else text; repeatable',
      (assignment, before: readonly string[] = []) => [...before, assignment],
    )
    .option('--to <url>', 'send it there; absent: print it as a fixture')
    .option('--format <name>', 'the form of the event, where the provider has several, e.g. legacy')
    .option('--raw', 'print it as a raw HTTP/1.1 request')
    .option('--list', 'list the events of the provider')
    .option('--timeout <span>', 'how long to wait for the answer', '10s')
    .option('--yes', 'send to another machine without asking')
    .action(run(triggerWebhook));
};

const EVENT_NAME = /^[\x21-\x7e]{1,200}$/;

async function triggerWebhook(
  context: Context,
  options: Options,
  given?: string,
  event?: string,
): Promise<number | undefined> {
  const { anyProvider, askedProvider } = await import('../shared/asked-provider.ts');
  const withSamples = anyProvider(context, ({ webhook }) => webhook?.samples !== undefined);
  const id = await askedProvider(context, ['webhook', 'trigger'], given, withSamples);
  const provider = await context.provider(id);
  const samples = provider.webhook?.samples;
  if (!samples) throw new LwiError('UNSUPPORTED', `${provider.title} has no webhooks to try.`, { provider: id });
  if (options.list) return listEvents(context, provider, samples);
  if (event === undefined) {
    if (options.to === undefined && !options.set && !options.raw) return listEvents(context, provider, samples);
    throw new LwiError('USAGE', 'Say which event is to be made.', {
      ...{ provider: id, hint: `Run \`lwi webhook trigger ${id} --list\`.` },
    });
  }
  // A name may become a header.
  if (!EVENT_NAME.test(event))
    throw new LwiError(
      'USAGE',
      'The name of an event is made of up to 200 visible ASCII characters, such as load.covered.',
    );
  const { readTarget } = await import('../shared/target.ts');
  const target = options.to === undefined ? undefined : readTarget(options.to);
  if (target && options.raw) throw new LwiError('USAGE', 'Give --to or --raw: what is sent is not printed.');
  const sample = await fresh(context, provider, samples, event, options);
  const request = await signed(context, provider.id, sample, target, options.set ?? []);
  return target
    ? deliver(context, { provider, event, target, request, options })
    : print(context, provider, request, options);
}

async function listEvents(
  { terminal }: Context,
  provider: Provider,
  { events, formats = [] }: WebhookSamples,
): Promise<undefined> {
  if (terminal.json) return void terminal.document({ provider: provider.id, formats, events });
  if (events.length === 0) return void terminal.out(`${provider.title}: any name will do, such as load.covered`);
  const { renderTable } = await import('../../src/table.ts');
  const columns = [
    { heading: 'event', cell: (row: WebhookSamples['events'][number]) => row.event },
    { heading: 'sent when', cell: (row: WebhookSamples['events'][number]) => row.about },
  ];
  terminal.out(...renderTable(columns, events, terminal.tableWidth));
  if (formats.length > 1) terminal.info(`Forms for --format: ${formats.join(', ')}; without it ${formats[0]}.`);
}

/** The event about the tenant that the account is connected to, or a made-up one. */
async function fresh(
  context: Context,
  provider: Provider,
  samples: WebhookSamples,
  event: string,
  { format }: Options,
): Promise<SampleDelivery> {
  const { formats = [] } = samples;
  if (format !== undefined && !formats.includes(format)) {
    const known = formats.length > 0 ? `: ${formats.join(', ')}` : ', because its events have one form only';
    throw new LwiError('USAGE', `"${format}" is no --format of ${provider.title}${known}.`);
  }
  const store = await context.existingStore();
  const connection = await store?.connection({ account: await context.account(), provider: provider.id });
  const { clock, random } = context;
  const made = samples.make(event, { now: clock.now(), random, externalId: connection?.externalId, format });
  if (made) return made;
  const { nearestName } = await import('../../src/providers/nearest-name.ts');
  const near = nearestName(
    event,
    samples.events.map((each) => each.event),
  );
  throw new LwiError(
    'USAGE',
    `${provider.title} has no event ${JSON.stringify(event.slice(0, 64))}${near === undefined ? '.' : `: did you mean ${near}?`}`,
    { provider: provider.id, hint: `Run \`lwi webhook trigger ${provider.id} --list\`.` },
  );
}

async function signed(
  context: Context,
  provider: string,
  { headers, body, id }: SampleDelivery,
  target: Target | undefined,
  assignments: readonly string[],
): Promise<OutgoingRequest> {
  const { signerOf } = await import('../shared/webhook-signer.ts');
  const { setMember } = await import('./set-member.ts');
  const { signedRequest } = await import('../../src/webhooks/signed-request.ts');
  const content = assignments.reduce<unknown>(setMember, body);
  const signer = await signerOf(context, provider);
  const path = `/webhooks/${provider}`;
  const request = {
    url: target?.url(path) ?? `http://localhost${path}`,
    method: 'POST',
    headers: Object.entries(headers),
    body: Buffer.from(JSON.stringify(content)),
  };
  return signedRequest(request, { ...signer, now: context.clock.now(), id });
}

async function print(
  { terminal, clock }: Context,
  { id: provider }: Provider,
  { url, method, headers, body }: OutgoingRequest,
  { raw }: Options,
): Promise<undefined> {
  const { eventFixture, rawRequest } = await import('../shared/event-rendering.ts');
  const { host, pathname, search } = new URL(url);
  const request = { provider, method, path: `${pathname}${search}`, headers, body, receivedAt: clock.now() };
  if (raw) return void terminal.raw(rawRequest({ ...request, headers: [['host', host], ...headers] }));
  if (terminal.json) return void terminal.document(eventFixture(request));
  terminal.raw(`${JSON.stringify(eventFixture(request), null, 2)}\n`);
}

interface Delivery {
  readonly provider: Provider;
  readonly event: string;
  readonly target: Target;
  readonly request: OutgoingRequest;
  readonly options: Options;
}

async function deliver(context: Context, { provider, event, target, request, options }: Delivery): Promise<number> {
  const { terminal, clock, signal } = context;
  const { confirmTarget } = await import('../shared/target.ts');
  const { sendTimeoutOf } = await import('../shared/send-timeout.ts');
  const { requestSender } = await import('../../src/webhooks/request-sender.ts');
  const { tracedSender } = await import('../../src/webhooks/traced-sender.ts');
  const { EXIT_CODES, outcomeOf } = await import('../shared/send-outcome.ts');
  const timeoutMs = sendTimeoutOf(options.timeout);
  await confirmTarget(context, target, { yes: options.yes, what: async () => `one event ${event}` });
  const trace = { clock, verbosity: context.options.verbosity, write: terminal.trace };
  const sender = tracedSender(requestSender({ clock, timeoutMs, maxSockets: 1 }), trace);
  const end = await sender.send(request, signal).finally(sender.close);
  const { status, tookMs: latencyMs, error } = end;
  if (end.unsendable) throw new LwiError('INPUT_INVALID', `${event}: ${error}.`, { provider: provider.id });
  const outcome = outcomeOf(end);
  if (terminal.json) {
    const result = { provider: provider.id, event, to: request.url, ok: outcome === 'ok', status, error, latencyMs };
    terminal.document(result);
  } else {
    const text = error ?? String(status);
    const painted = outcome === 'ok' ? terminal.style.good(text) : terminal.style.bad(text);
    terminal.out(`${provider.id} ${event} to ${request.url}: ${painted} in ${latencyMs} ms`);
  }
  return EXIT_CODES[outcome];
}
