import type { Context, OAuthTarget } from '../src/context.ts';
import { isLwiError, LwiError } from '../src/errors.ts';
import type { Authorized } from '../src/oauth/browser-authorization.ts';
import type { Protocol } from '../src/oauth/protocol.ts';
import type { TokenSet } from '../src/oauth/token-set.ts';
import type { ConnectionRow } from '../src/store/store.ts';
import { authorizationUi } from './shared/authorization-ui.ts';
import type { Define } from './shared/define.ts';
import { iso, when } from './shared/when.ts';
import { wholeNumber } from './shared/whole-number.ts';

interface Options {
  readonly as?: string;
  readonly scope?: string[];
  readonly port?: string;
  readonly redirectUri?: string;
  readonly browser: boolean;
  readonly paste?: boolean;
  readonly timeout: string;
  readonly replace?: boolean;
  readonly withToken?: boolean;
}

export const define: Define = (parent, run) => {
  parent
    .command('connect <provider>')
    .description("run the provider's grant and keep its tokens, encrypted")
    .option('--as <kind>', 'which of its kinds of connection (slack: bot, user)')
    .option('--scope <scope...>', 'scopes to ask for instead of the usual ones')
    .option('--port <n>', 'port of the loopback listener')
    .option('--redirect-uri <uri>', 'redirect URI as registered with the provider')
    .option('--no-browser', 'only print the address')
    .option('--paste', 'take the redirected address from the terminal or stdin')
    .option('--timeout <seconds>', 'how long to wait for the browser', '300')
    .option('--replace', 'let another company take the place of the one connected before')
    .option('--with-token', 'keep a token made elsewhere (slack: xoxb-…), from LWI_<PROVIDER>_TOKEN, stdin or a prompt')
    .action(run(connect));
};

async function connect(context: Context, options: Options, id: string): Promise<undefined> {
  const { terminal, clock } = context;
  const provider = await context.provider(id);
  const { env } = await context.env();
  const { variantOf } = await import('../src/oauth/settings.ts');
  const { variant } = variantOf(provider, await context.endpoints(provider, env), options.as);
  const target: OAuthTarget = { account: await context.account(), provider: provider.id, env, variant };
  // Key and store must work before anything is spent at the provider.
  const vault = await context.vault();
  await vault.seal('check', { account: target.account, provider: target.provider, column: 'check', row: 'check' });

  const { deadlineSignal } = await import('../src/clock.ts');
  const seconds = wholeNumber(options.timeout, '--timeout', 1);
  const limit = deadlineSignal(seconds * 1000, context.signal);
  let granted: Authorized & { protocol: Protocol | undefined };
  try {
    const given = await grant(context, target, options, limit.signal);
    granted = { ...given, set: withScopes(given.set, options.scope ?? given.protocol?.settings.scopes ?? []) };
  } catch (error) {
    if (limit.signal.aborted && !context.signal.aborted) {
      throw new LwiError('CONNECT_TIMEOUT', `Nothing came back from the browser within ${seconds} s.`, {
        provider: provider.id,
      });
    }
    throw error;
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
  terminal.info(`next: lwi sync ${row.provider}`);
}

/** An answer without `scope` means that all that was asked for was granted (RFC 6749, 5.1). */
function withScopes(set: TokenSet, asked: readonly string[]): TokenSet {
  return set.scopes.length > 0 ? set : { ...set, scopes: asked };
}

/** A token set by the provider's grant, or the one that the person brought. */
async function grant(
  context: Context,
  target: OAuthTarget,
  options: Options,
  signal: AbortSignal,
): Promise<Authorized & { protocol: Protocol | undefined }> {
  const silent = { respond: async () => {} };
  if (options.withToken) {
    const { broughtToken } = await import('./shared/brought-token.ts');
    return { ...silent, protocol: undefined, set: await broughtToken(context, target) };
  }
  await askForApp(context, target);
  const protocol = await context.protocolFor(target, signal);
  const { settings, provider } = protocol;
  const scopes = options.scope ?? settings.scopes;
  const oauth = await import('../src/oauth/protocol.ts');
  switch (settings.grant) {
    case 'authorization_code': {
      const { planRedirect } = await import('../src/oauth/redirect.ts');
      const { authorizeInBrowser } = await import('../src/oauth/browser-authorization.ts');
      const redirectUri = options.redirectUri ?? (await context.redirectUri(provider.id));
      const port = options.port === undefined ? undefined : wholeNumber(options.port, '--port', 1);
      const plan = planRedirect(provider, settings, { env: target.env, redirectUri, port });
      return {
        ...(await authorizeInBrowser(protocol, plan, scopes, authorizationUi(context, plan, options), signal)),
        protocol,
      };
    }
    case 'password': {
      const login = (await context.login(target)) ?? (await askForLogin(context, target));
      try {
        return { ...silent, protocol, set: await oauth.passwordGrant(protocol, login) };
      } catch (error) {
        if (!isLwiError(error, 'GRANT_REJECTED')) throw error;
        throw new LwiError('LOGIN_REJECTED', `${provider.title} does not accept this user name and password.`, {
          ...error.facts,
          cause: error,
        });
      }
    }
    case 'client_credentials':
      return { ...silent, protocol, set: await oauth.clientCredentialsGrant(protocol, scopes) };
    default:
      throw new LwiError('UNSUPPORTED', `The grant ${settings.grant} is not supported by this version.`, {
        provider: provider.id,
      });
  }
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

/** Asks for app credentials that neither environment nor vault nor connection has, and only where somebody can answer. */
async function askForApp(context: Context, target: OAuthTarget): Promise<void> {
  const { keepSecret } = await import('./shared/keep-secret.ts');
  try {
    await context.appCredentials(target);
  } catch (error) {
    if (!isLwiError(error, 'CREDENTIALS_MISSING') || !context.prompt.canAsk) throw error;
    const { variableName } = await import('../src/oauth/app-credentials.ts');
    const variable = (name: string) => variableName(target.provider, name);
    const clientId = await context.prompt.text(`Client id of your ${target.provider} app:`, variable('client-id'));
    const clientSecret = await context.prompt.secret('Client secret:', variable('client-secret'));
    await keepSecret(context, target, 'client-id', clientId);
    await keepSecret(context, target, 'client-secret', clientSecret.reveal());
  }
}

async function askForLogin(context: Context, target: OAuthTarget) {
  const { variableName } = await import('../src/oauth/app-credentials.ts');
  const variable = (name: string) => variableName(target.provider, name);
  const username = await context.prompt.text(`User name at ${target.provider}:`, variable('username'));
  const password = await context.prompt.secret('Password:', variable('password'));
  return { username, password, source: 'prompt' };
}
