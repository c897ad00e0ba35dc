import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import { generateKey } from '../../src/vault/encryption-key.ts';
import type { Ran } from '../shared/run-lwi.ts';
import { serveDemoApp } from './demo-app.ts';
import { demoRunner } from './demo-runner.ts';
import { ANY_PORT, EVENT, SLACK_SECRET, STEPS, type Step } from './demo-steps.ts';

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
    // No job of CI gets a report about the demo.
    GITHUB_ACTIONS: undefined,
    // Any free port: the usual ones may be taken by a person's own `lwi connect`.
    ...{ LWI_QUICKBOOKS_REDIRECT_URI: ANY_PORT, LWI_SLACK_REDIRECT_URI: ANY_PORT },
    ...{ LWI_SLACK_WEBHOOK_SECRET: SLACK_SECRET, FORCE_COLOR: style.bold('x') === 'x' ? '0' : '1' },
  };
  const results: { step: Step; words: readonly string[]; ran: Ran }[] = [];
  const app = await serveDemoApp();
  const runner = demoRunner(context, { cwd: home, environment, app: app.url });
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
      const words = runner.words(step);
      show(context, step, words);
      const ran = await runner.run(step, words);
      if (words.length > 0) results.push({ step, words, ran });
      if (!terminal.json && ran.output) terminal.out(indent(ran.output));
      if (ran.code !== (step.expected ?? 0)) {
        throw new LwiError('CHECK_FAILED', `\`lwi ${words.join(' ')}\` ended with code ${ran.code}.`, {
          hint: 'Run `lwi demo` again, or report this.',
        });
      }
    }
  } finally {
    await runner.close();
    app.close();
    await served.close();
    await rm(home, { recursive: true, force: true });
  }
  const seconds = ((clock.now() - started) / 1000).toFixed(1);
  if (terminal.json) {
    terminal.document({
      steps: results.map(({ words, ran }) => ({ command: `lwi ${words.join(' ')}`, code: ran.code })),
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

function show({ terminal }: Context, step: Step, words: readonly string[]): void {
  if (terminal.json) return;
  const { style } = terminal;
  if (step.title) terminal.out('', style.bold(`› ${step.title}`));
  if (words.length === 0) return;
  const beside = step.background ? ' &' : '';
  terminal.out(
    style.dim(`  $ lwi ${words.map((word) => (/[\s()*]/.test(word) ? `'${word}'` : word)).join(' ')}${beside}`),
  );
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
