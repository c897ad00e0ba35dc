import type { Context } from '../../src/context.ts';
import type { Define } from '../shared/define.ts';

export const define: Define = (parent, run) => {
  parent
    .command('get [provider]')
    .description('print the access token alone, refreshed first if it is due')
    .action(run(getToken));
};

async function getToken(context: Context, _options: unknown, given?: string): Promise<undefined> {
  const { askedProvider, connectedProvider } = await import('../shared/asked-provider.ts');
  const id = await askedProvider(context, ['token', 'get'], given, connectedProvider(context, { takeOnly: true }));
  const { terminal, signal } = context;
  const { account, provider } = await context.connection(id);
  const { token } = await (await context.tokens()).bearer({ account, provider }, signal);
  if (terminal.json) return void terminal.document({ provider, account, accessToken: token.reveal() });
  terminal.out(token.reveal());
}
