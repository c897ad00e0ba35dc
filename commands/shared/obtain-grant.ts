import type { Context } from '../../src/context.ts';
import { isLwiError, LwiError } from '../../src/errors.ts';
import type { Authorized } from '../../src/oauth/browser-authorization.ts';
import type { OAuthTarget } from '../../src/oauth/oauth-target.ts';
import type { Protocol } from '../../src/oauth/protocol.ts';
import { authorizationUi } from './authorization-ui.ts';
import { portNumber } from './whole-number.ts';

/** The options of `connect` that say how the grant is to be had. */
export interface GrantOptions {
  readonly scope?: string[];
  readonly port?: string;
  readonly redirectUri?: string;
  readonly browser: boolean;
  readonly paste?: boolean;
  readonly withToken?: boolean;
}

/** A token set by the provider's grant, or the one that the person brought. `patience` ends the wait for the person, and nothing else. */
export async function obtainGrant(
  context: Context,
  target: OAuthTarget,
  options: GrantOptions,
  patience: AbortSignal,
): Promise<Authorized & { protocol: Protocol | undefined }> {
  const silent = { respond: async () => {} };
  if (options.withToken) {
    const { broughtToken } = await import('./brought-token.ts');
    return { ...silent, protocol: undefined, set: await broughtToken(context, target) };
  }
  await askForApp(context, target);
  const protocol = await context.protocolFor(target, context.signal);
  const { settings, provider } = protocol;
  const scopes = options.scope ?? settings.scopes;
  const oauth = await import('../../src/oauth/protocol.ts');
  switch (settings.grant) {
    case 'authorization_code': {
      const { planRedirect } = await import('../../src/oauth/redirect.ts');
      const { authorizeInBrowser } = await import('../../src/oauth/browser-authorization.ts');
      const redirectUri = options.redirectUri ?? (await context.redirectUri(provider.id));
      const port = options.port === undefined ? undefined : portNumber(options.port, 1);
      const plan = planRedirect(provider, settings, { env: target.env, redirectUri, port });
      return {
        ...(await authorizeInBrowser(protocol, plan, scopes, authorizationUi(context, plan, options), patience)),
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
    case 'device_code': {
      const { awaitApproval, requestDeviceCode } = await import('../../src/oauth/device-authorization.ts');
      const { presentDeviceCode } = await import('./device-ui.ts');
      const device = await requestDeviceCode(protocol, scopes);
      await presentDeviceCode(context, protocol, device, options);
      const waiting = { ...protocol, call: { ...protocol.call, signal: patience } };
      return { ...silent, protocol, set: await awaitApproval(waiting, device, context.clock) };
    }
    case 'token':
      throw new LwiError('UNSUPPORTED', `${provider.title} has no grant: it takes tokens made elsewhere.`, {
        ...{ provider: provider.id, hint: 'Run `lwi connect {provider} --with-token`.' },
      });
  }
}

/**
 * Asks for app credentials that neither environment nor vault nor connection has, and only where somebody can answer. A public client
 * has no secret to ask for.
 */
async function askForApp(context: Context, target: OAuthTarget): Promise<void> {
  try {
    await context.appCredentials(target);
  } catch (error) {
    if (!isLwiError(error, 'CREDENTIALS_MISSING') || !context.prompt.canAsk) throw error;
    const { keepSecret } = await import('./keep-secret.ts');
    const { variableName } = await import('../../src/oauth/app-credentials.ts');
    const { variantOf } = await import('../../src/oauth/settings.ts');
    const provider = await context.provider(target.provider);
    const { settings } = variantOf(provider, await context.endpoints(provider, target.env), target.variant);
    const variable = (name: string) => variableName(target.provider, name);
    const clientId = await context.prompt.text(`Client id of your ${target.provider} app:`, variable('client-id'));
    const needsSecret = settings.clientAuthentication !== 'none';
    const clientSecret = needsSecret
      ? await context.prompt.secret('Client secret:', variable('client-secret'))
      : undefined;
    await keepSecret(context, target, 'client-id', clientId);
    if (clientSecret) await keepSecret(context, target, 'client-secret', clientSecret.reveal());
  }
}

async function askForLogin(context: Context, target: OAuthTarget) {
  const { variableName } = await import('../../src/oauth/app-credentials.ts');
  const variable = (name: string) => variableName(target.provider, name);
  const username = await context.prompt.text(`User name at ${target.provider}:`, variable('username'));
  const password = await context.prompt.secret('Password:', variable('password'));
  return { username, password, source: 'prompt' };
}
