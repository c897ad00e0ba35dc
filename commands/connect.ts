import type { Context } from '../src/context.ts';
import { isLwiError, LwiError } from '../src/errors.ts';
import type { Authorized } from '../src/oauth/browser-authorization.ts';
import { commandAfter } from '../src/oauth/connect-command.ts';
import type { OAuthTarget } from '../src/oauth/oauth-target.ts';
import type { Protocol } from '../src/oauth/protocol.ts';
import type { Provider } from '../src/providers/provider.ts';
import type { ConnectionRow } from '../src/store/store.ts';
import type { Define } from './shared/define.ts';
import { type GrantOptions, obtainGrant } from './shared/obtain-grant.ts';
import { iso, when } from './shared/when.ts';
import { wholeNumber } from './shared/whole-number.ts';

interface Options extends GrantOptions {
  readonly as?: string;
  readonly timeout: string;
  readonly replace?: boolean;
}

export const define: Define = (parent, run) => {
  parent
    .command('connect [provider]')
    .description("run the provider's grant and keep its tokens, encrypted")
    .option('--as <kind>', 'which of its kinds of connection (slack: bot, user)')
    .option('--scope <scope...>', 'scopes to ask for instead of the usual ones')
    .option('--port <n>', 'port of the loopback listener')
    .option('--redirect-uri <uri>', 'redirect URI as registered with the provider')
    .option('--no-browser', 'only print the address')
    .option('--paste', 'take the redirected address from the terminal or stdin')
    .option('--timeout <seconds>', 'how long to wait for the person', '300')
    .option('--replace', 'let another company take the place of the one connected before')
    .option('--with-token', 'keep a token made elsewhere (slack: xoxb-…), from LWI_<PROVIDER>_TOKEN, stdin or a prompt')
    .action(run(connect));
};

async function connect(context: Context, options: Options, given?: string): Promise<undefined> {
  const { terminal, clock } = context;
  const { anyProvider, askedProvider } = await import('./shared/asked-provider.ts');
  const id = await askedProvider(context, ['connect'], given, anyProvider(context));
  const provider = await context.provider(id);
  const { env } = await context.env();
  const { variantOf } = await import('../src/oauth/settings.ts');
  const { withAskedScopes } = await import('../src/oauth/token-set.ts');
  const { variant } = variantOf(provider, await context.endpoints(provider, env), options.as);
  const target: OAuthTarget = { account: await context.account(), provider: provider.id, env, variant };
  // Key and store must work before anything is spent at the provider.
  await (await context.vault()).ready();

  const { deadlineSignal } = await import('../src/clock.ts');
  const seconds = wholeNumber(options.timeout, '--timeout', 1);
  const limit = deadlineSignal(seconds * 1000, context.signal);
  let granted: Awaited<ReturnType<typeof obtainGrant>>;
  try {
    const given = await obtainGrant(context, target, options, limit.signal);
    granted = { ...given, set: withAskedScopes(given.set, options.scope ?? given.protocol?.settings.scopes ?? []) };
  } catch (error) {
    // What the provider said, or did not say, after the person had answered is no wait for the person.
    if (isLwiError(error) || !limit.signal.aborted || context.signal.aborted) throw error;
    throw waitEnded(provider, seconds);
  } finally {
    limit.done();
  }
  let row: ConnectionRow;
  try {
    row = await keep(context, target, options, granted);
  } catch (error) {
    await granted.respond({
      good: false,
      title: 'Not connected',
      text: error instanceof Error ? error.message : 'The terminal says why.',
    });
    throw error;
  }
  const company = row.externalName ?? row.externalId ?? 'the account';
  await granted.respond({
    good: true,
    title: 'Connected',
    text: `${provider.title} is connected to ${company}. You can close this page.`,
  });
  if (terminal.json) {
    return void terminal.document({
      ...{
        provider: row.provider,
        account: row.account,
        env: row.env,
        externalId: row.externalId,
        externalName: row.externalName,
      },
      ...{
        scopes: row.token.scopes,
        expiresAt: iso(row.token.expiresAt),
        refreshExpiresAt: iso(row.token.refreshExpiresAt),
      },
    });
  }
  const now = clock.now();
  const life =
    row.token.expiresAt === undefined
      ? 'its token does not expire'
      : `its token expires ${when(row.token.expiresAt, now)}`;
  terminal.out(
    `${terminal.style.good('connected')} ${provider.title} (${row.env}) to ${company} for account ${row.account}; ${life}`,
  );
  terminal.info(`next: ${commandAfter(provider, row.account)}`);
}

function waitEnded({ id, oauth }: Provider, seconds: number): LwiError {
  const device = oauth.grant === 'device_code';
  const message = `${device ? 'Nobody approved' : 'Nothing came back from the browser'} within ${seconds} s.`;
  const hint = device ? { hint: 'Run `lwi connect {provider}` again, with a longer --timeout.' } : {};
  return new LwiError('CONNECT_TIMEOUT', message, { provider: id, ...hint });
}

async function keep(
  context: Context,
  target: OAuthTarget,
  options: Options,
  { set, protocol }: { set: Authorized['set']; protocol: Protocol | undefined },
): Promise<ConnectionRow> {
  const { storeGrant } = await import('../src/oauth/connect.ts');
  const { identify } = await import('../src/oauth/identify.ts');
  const { clock, owner, signal, terminal } = context;
  const provider = await context.provider(target.provider);
  const endpoints = await context.endpoints(provider, target.env);
  return storeGrant(
    {
      key: { account: target.account, provider: target.provider },
      ...{ env: target.env, variant: options.withToken ? undefined : target.variant, provider, set },
      app: protocol && protocol.settings.clientAuthentication !== 'omitted' ? protocol.app : undefined,
      replace: options.replace === true,
    },
    {
      ...{ store: await context.store(), vault: await context.vault(), clock, owner, signal, warn: terminal.warn },
      identify: async (token, externalId) =>
        identify(await context.clientFor(provider, token), provider, endpoints, externalId, target, signal),
    },
  );
}
