import type { Context } from '../src/context.ts';
import { LwiError } from '../src/errors.ts';
import type { Define } from './shared/define.ts';

export const define: Define = (parent, run) => {
  parent
    .command('disconnect [provider]')
    .description('revoke the grant at the provider, then delete the connection here')
    .option('--keep-remote', 'only delete here')
    .option('--force', 'delete here even if the provider cannot be reached')
    .action(run(disconnectCommand));
};

async function disconnectCommand(
  context: Context,
  options: { keepRemote?: boolean; force?: boolean },
  given?: string,
): Promise<undefined> {
  const { terminal, clock, owner, signal, protocolFor, vault, host } = context;
  const id = given ?? (await askedConnection(context));
  const row = await context.connection(id);
  const { disconnect } = await import('../src/oauth/disconnect.ts');
  const how = { keepRemote: options.keepRemote === true, force: options.force === true };
  const store = await context.store();
  const { unstopped } = host;
  const remote = await disconnect(row, how, { store, vault, clock, owner, signal, protocolFor, unstopped });
  const { provider, account } = row;
  const { records } = await store.syncSummary({ account, provider, externalId: row.externalId ?? '' });
  const secrets = (await store.secrets({ account, provider })).map(({ name }) => name);
  if (terminal.json) {
    return void terminal.document({ provider, account, disconnected: true, remote, kept: { records, secrets } });
  }
  const { title } = await context.provider(id);
  const said = {
    revoked: `${title} has revoked the grant`,
    kept: `the grant at ${title} was kept`,
    'not-offered': `${title} offers no revocation, so the token lives there until it expires`,
    failed: `${title} did not revoke the grant, so it may still live there`,
  }[remote];
  terminal.out(`${terminal.style.good('disconnected')} ${provider} of account ${account}; ${said}`);
  const kept = [
    ...(records > 0 ? [`${records} synced record${records === 1 ? '' : 's'}`] : []),
    ...(secrets.length > 0 ? [`${secrets.join(' and ')} (\`lwi secret remove\` forgets them)`] : []),
  ];
  if (kept.length > 0) terminal.info(`kept here: ${kept.join(', ')}`);
}

/** Who did not name it did not say that it is to go, either. Throws INPUT_NEEDED when the answer is no. */
async function askedConnection(context: Context): Promise<string> {
  const { askedProvider, connectedProvider } = await import('./shared/asked-provider.ts');
  const id = await askedProvider(context, ['disconnect'], undefined, connectedProvider(context));
  if (await context.prompt.confirm(`Disconnect ${id} of account ${await context.account()}?`, '<provider>')) return id;
  throw new LwiError('INPUT_NEEDED', 'Nothing was disconnected.', {
    hint: `Answer yes, or run \`lwi disconnect ${id}\`.`,
  });
}
