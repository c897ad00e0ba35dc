import type { Context } from '../src/context.ts';
import { LwiError } from '../src/errors.ts';
import { parseSpan } from '../src/span.ts';
import type { Define } from './shared/define.ts';
import { wholeNumber } from './shared/whole-number.ts';

interface Options {
  readonly port?: string;
  readonly records?: string;
  readonly seed?: string;
  readonly fault?: string[];
  readonly tokenLifetime?: string;
  readonly limitScale?: string;
  readonly writer?: string;
  readonly clockOffset?: string;
  /** False for --no-limits. */
  readonly limits: boolean;
}

export const define: Define = (parent, run) => {
  parent
    .command('mock [providers...]')
    .description('serve fakes of the providers, your own too, on loopback, until stopped')
    .option('--port <n>', 'port to listen on (default: 4680; 0: any free one)')
    .option('--records <n>', 'records of each kind')
    .option('--seed <n>', 'another seed gives other data')
    .option('--fault <spec...>', 'what goes wrong, e.g. 500:quickbooks/v3:0.1')
    .option('--token-lifetime <span>', 'lifetime of access tokens, e.g. 60s')
    .option('--limit-scale <n>', 'divide the windows of the rate limits: 60 makes a second of a minute')
    .option('--no-limits', 'refuse nobody for a rate limit')
    .option('--writer <changes>', 'rows that change with each answer, with a seed if wanted: 0.5 or 20:7')
    .option('--clock-offset <span>', 'how far its clock is ahead of the real one, e.g. 3h or -5h')
    .addHelpText('after', FAULTS)
    .action(run(mockCommand));
};

/** The grammar of `--fault`; `parseFault` reads it. */
const FAULTS = `
A fault is <what>[:<where>[:<when>]].
  what    500                      a status, 400 to 599; nothing is processed
          429;retry-after=2        with a Retry-After of this text
          503;retry-after-date=30  with a date, 30 s after the answer's Date
          latency=250              the answer is late by so many ms
          slow=3000                head at once, body piece by piece, so many ms
          hang                     no answer until the client gives up
          cut, lost                hangs up before, after processing the request
          truncate=chunked         half a body in chunks; truncate: whole length
          html, html=200           page of a gateway (502), of a captive portal
          type=text/html           the right body under a wrong content type
          skew=-60000, drift=50    the Date is off; more so with each second
          headers=github           rate-limit headers: github, ietf, twitter
  where   *, <provider> or <provider>/<part of the path>
  when    0.1 (a probability), #3 (the third request), #2-5, #4-

Examples:
  lwi mock --fault 500:quickbooks/v3:0.1 latency=250
  lwi mock --fault "429;retry-after=2:slack:#1" headers=ietf --limit-scale 10`;

async function mockCommand(context: Context, options: Options, providers: readonly string[]): Promise<undefined> {
  const { terminal, clock, signal } = context;
  const { createMock } = await import('../src/mock/mock.ts');
  const { shiftedClock } = await import('../src/mock/shifted-clock.ts');
  const { parseWriter } = await import('../src/mock/writer.ts');
  const { serveMock } = await import('../src/mock/serve.ts');
  const { DEFAULT_MOCK_PORT } = await import('../src/mock/mock-url.ts');
  const number = (text: string | undefined, option: string) =>
    text === undefined ? undefined : wholeNumber(text, option);
  const { providers: own = {} } = await context.config();
  const records = number(options.records, '--records');
  const seed = number(options.seed, '--seed');
  const { clockOffset, writer } = options;
  const mock = createMock({
    clock: clockOffset === undefined ? clock : shiftedClock(clock, signedSpan(clockOffset, '--clock-offset')),
    ...(writer === undefined ? {} : { writer: parseWriter(writer) }),
    definitions: Object.values(own),
    ...(providers.length > 0 ? { providers } : {}),
    ...(records === undefined ? {} : { records }),
    ...(seed === undefined ? {} : { seed }),
    rateLimits: options.limits,
    ...(options.limitScale === undefined ? {} : { limitScale: decimal(options.limitScale, '--limit-scale') }),
    ...(options.fault ? { faults: options.fault } : {}),
    ...(options.tokenLifetime === undefined
      ? {}
      : { tokenLifetimeMs: parseSpan(options.tokenLifetime, '--token-lifetime') }),
  });
  const served = await serveMock({ mock, port: number(options.port, '--port') ?? DEFAULT_MOCK_PORT });
  if (terminal.json) terminal.document({ type: 'ready', url: served.url });
  else {
    terminal.out(`mock of ${mock.providers.join(', ')} at ${served.url}`);
    const variable = served.url === `http://127.0.0.1:${DEFAULT_MOCK_PORT}` ? '' : `LWI_MOCK_URL=${served.url} `;
    terminal.info(`try: ${variable}lwi connect ${mock.providers[0]} --env mock   (Ctrl-C ends the mock)`);
  }
  try {
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  } finally {
    await served.close();
  }
  return undefined;
}

/** A span with or without a sign, in ms. Throws USAGE. */
function signedSpan(text: string, option: string): number {
  const [, sign, span = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const ms = parseSpan(span, option);
  return sign === '-' ? -ms : ms;
}

/** A number above 0, with or without a fraction. Throws USAGE. */
function decimal(text: string, option: string): number {
  const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new LwiError('USAGE', `${option} takes a number above 0, such as 60 or 0.5, not "${text}".`);
}
