import type { Context } from '../src/context.ts';
import { parseSpan } from '../src/span.ts';
import type { Define } from './shared/define.ts';
import { wholeNumber } from './shared/whole-number.ts';

interface Options {
  readonly port?: string;
  readonly records?: string;
  readonly seed?: string;
  readonly fault?: string[];
  readonly tokenLifetime?: string;
}

export const define: Define = (parent, run) => {
  parent
    .command('mock [providers...]')
    .description('serve fakes of the providers on loopback, until stopped')
    .option('--port <n>', 'port to listen on (default: 4680; 0: any free one)')
    .option('--records <n>', 'records of each kind')
    .option('--seed <n>', 'another seed gives other data')
    .option('--fault <spec...>', 'what goes wrong, e.g. 500:quickbooks/v3:0.1')
    .option('--token-lifetime <span>', 'lifetime of access tokens, e.g. 60s')
    .action(run(mockCommand));
};

async function mockCommand(context: Context, options: Options, providers: readonly string[]): Promise<undefined> {
  const { terminal, clock, signal } = context;
  const { createMock } = await import('../src/mock/mock.ts');
  const { serveMock } = await import('../src/mock/serve.ts');
  const { DEFAULT_MOCK_PORT } = await import('../src/mock/mock-url.ts');
  const number = (text: string | undefined, option: string) =>
    text === undefined ? undefined : wholeNumber(text, option);
  const records = number(options.records, '--records');
  const seed = number(options.seed, '--seed');
  const mock = createMock({
    clock,
    ...(providers.length > 0 ? { providers } : {}),
    ...(records === undefined ? {} : { records }),
    ...(seed === undefined ? {} : { seed }),
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
