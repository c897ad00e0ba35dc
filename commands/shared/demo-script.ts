import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { approve } from '../../src/mock/approve.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import { generateKey } from '../../src/vault/encryption-key.ts';
import { type Ran, runLwi } from './run-lwi.ts';

interface Step {
  readonly title: string;
  readonly words: readonly string[];
  /** Plays the person in the browser when the command prints an address. */
  readonly browser?: boolean;
  /** Exit code that this step is to show; 0 when absent. */
  readonly expected?: number;
  /** What happens at the provider before the step. */
  readonly before?: (mockUrl: string) => Promise<void>;
}

const ANY_PORT = 'http://127.0.0.1/callback';
const SLACK_SECRET = 'lwi-demo-signing-secret';
const EVENT =
  '{"type":"event_callback","team_id":"T00000001","event_id":"Ev00000042","event":{"type":"message","text":"load 4411 covered"}}';

const control = (path: string) => async (mockUrl: string) => {
  await fetch(`${mockUrl}/_mock/${path}`, { method: 'POST' });
};

const STEPS: readonly Step[] = [
  {
    title: 'Connect QuickBooks: loopback listener, state, PKCE; the demo approves in your place',
    words: ['connect', 'quickbooks', '--no-browser'],
    browser: true,
  },
  { title: 'Connect Slack as a bot', words: ['connect', 'slack', '--no-browser'], browser: true },
  { title: 'Connect MyCarrierPackets with its password grant', words: ['connect', 'mycarrierpackets'] },
  { title: 'What is connected? No network, no keychain needed to know', words: ['status'] },
  { title: 'Everything about a token but the token', words: ['token', 'inspect', 'quickbooks'] },
  { title: 'Refresh it, whatever its age', words: ['token', 'refresh', 'quickbooks', '--force'] },
  { title: 'Pull invoices and customers', words: ['sync', 'quickbooks', '--entity', 'invoices', 'customers'] },
  { title: 'Pull messages and carriers', words: ['sync', 'slack', '--entity', 'users', 'channels', 'messages'] },
  { title: '', words: ['sync', 'mycarrierpackets', '--entity', 'monitored-carriers', 'completed-packets'] },
  {
    title: 'Three invoices change at QuickBooks: the next sync takes only those',
    words: ['sync', 'quickbooks', '--entity', 'invoices'],
    before: control('quickbooks/touch?stream=invoices&count=3'),
  },
  {
    title: 'The access token dies: the next call refreshes it on the way',
    words: ['api', 'quickbooks', '/query', '--query', 'query=select count(*) from Invoice'],
    before: control('expire?provider=quickbooks'),
  },
  { title: 'Sign a webhook as Slack would', words: ['webhook', 'sign', 'slack', '--body', 'event.json'] },
  { title: 'Verify a delivery, byte for byte', words: ['webhook', 'verify', 'slack', 'delivery.http'] },
  {
    title: 'One byte changed on the way: not verified, exit code 6',
    words: ['webhook', 'verify', 'slack', 'forged.http'],
    expected: 6,
  },
  { title: 'Revoke and forget', words: ['disconnect', 'quickbooks'] },
];

/** Runs the real commands, one process each, against a mock on a free port and in a home that is deleted at the end. */
export async function runDemo(context: Context): Promise<number> {
  const { terminal, clock } = context;
  const { style } = terminal;
  const started = clock.now();
  const home = await mkdtemp(join(tmpdir(), 'lwi-demo-'));
  const served = await serveMock({ mock: createMock({ clock }), port: 0 });
  const environment = {
    ...Object.fromEntries(Object.entries(context.host.env).filter(([name]) => !name.startsWith('LWI_'))),
    ...{ LWI_HOME: home, LWI_ENV: 'mock', LWI_MOCK_URL: served.url, LWI_ENCRYPTION_KEY: generateKey() },
    // Any free port: the usual ones may be taken by a person's own `lwi connect`.
    ...{ LWI_QUICKBOOKS_REDIRECT_URI: ANY_PORT, LWI_SLACK_REDIRECT_URI: ANY_PORT },
    ...{ LWI_SLACK_WEBHOOK_SECRET: SLACK_SECRET, FORCE_COLOR: style.bold('x') === 'x' ? '0' : '1' },
  };
  const results: { step: Step; ran: Ran }[] = [];
  try {
    if (!terminal.json)
      terminal.out(
        style.bold('lwi demo'),
        style.dim(`a mock of three providers at ${served.url}, a throw-away home, a key of its own`),
      );
    await writeFile(join(home, 'event.json'), EVENT);
    for (const step of STEPS) {
      await step.before?.(served.url);
      if (step.words[0] === 'webhook' && step.words[1] === 'verify') await writeDeliveries(home, results);
      show(context, step);
      const onAddress = step.browser ? (url: string) => approve(url).then((location) => fetch(location)) : undefined;
      const ran = await runLwi({
        self: context.host.self,
        words: step.words,
        cwd: home,
        environment,
        signal: context.signal,
        onAddress,
      });
      results.push({ step, ran });
      if (!terminal.json && ran.output) terminal.out(indent(ran.output));
      if (ran.code !== (step.expected ?? 0)) {
        throw new LwiError('CHECK_FAILED', `\`lwi ${step.words.join(' ')}\` ended with code ${ran.code}.`, {
          hint: 'Run `lwi demo` again, or report this.',
        });
      }
    }
  } finally {
    await served.close();
    await rm(home, { recursive: true, force: true });
  }
  const seconds = ((clock.now() - started) / 1000).toFixed(1);
  if (terminal.json) {
    terminal.document({
      steps: results.map(({ step, ran }) => ({ command: `lwi ${step.words.join(' ')}`, code: ran.code })),
      durationMs: clock.now() - started,
    });
    return 0;
  }
  terminal.out('', style.good(`All ${results.length} steps done in ${seconds} s.`), '', 'Next:');
  terminal.out(
    '  lwi provider list                      what can be connected',
    '  lwi connect quickbooks --env sandbox   your own company',
    '  lwi mock                               the same mock, to try things by hand',
  );
  return 0;
}

/** The signature that the last step printed, put into a raw request, and the same with one byte of the body changed. */
async function writeDeliveries(home: string, results: readonly { ran: Ran }[]): Promise<void> {
  const signed = results.findLast(({ ran }) => ran.stdout.includes('x-slack-signature'))?.ran.stdout ?? '';
  const head = `POST /webhooks/slack HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${signed.trim().replace(/\n/g, '\r\n')}\r\n`;
  const request = (body: string) => `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  await writeFile(join(home, 'delivery.http'), request(EVENT));
  await writeFile(join(home, 'forged.http'), request(EVENT.replace('4411', '4412')));
}

function show({ terminal }: Context, step: Step): void {
  if (terminal.json) return;
  const { style } = terminal;
  if (step.title) terminal.out('', style.bold(`› ${step.title}`));
  terminal.out(style.dim(`  $ lwi ${step.words.map((word) => (/[\s()*]/.test(word) ? `'${word}'` : word)).join(' ')}`));
}

/** Indented, with the long query of an address cut short: the real one is what the demo's browser went to. */
function indent(text: string): string {
  return text
    .replace(/(https?:\/\/\S+\?)\S+/g, '$1…')
    .trimEnd()
    .split('\n')
    .map((line) => (line ? `  ${line}` : line))
    .join('\n');
}
