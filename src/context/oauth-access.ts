import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Environment } from '../connection.ts';
import type { Host } from '../host.ts';
import type { AppCredentials, Login } from '../oauth/app-credentials.ts';
import type { OAuthTarget } from '../oauth/oauth-target.ts';
import type { Protocol } from '../oauth/protocol.ts';
import type { Prepare, TokenManager } from '../oauth/token-manager.ts';
import { once } from '../once.ts';
import type { Endpoints, Provider } from '../providers/provider.ts';
import type { Terminal } from '../terminal.ts';
import type { HttpClients } from './http-clients.ts';
import type { Storage } from './storage.ts';

/** What a run needs to get tokens and to keep them alive. */
export interface OAuthAccess {
  tokens(): Promise<TokenManager>;
  /** The redirect URI that environment or config give for a provider. */
  redirectUri(provider: string): Promise<string | undefined>;
  /** The protocol of a connection, stored or about to be made. */
  protocolFor(target: OAuthTarget, signal: AbortSignal, purpose?: 'grant' | 'revocation'): Promise<Protocol>;
  /** The app credentials that a refresh of this connection would use. */
  appCredentials(target: OAuthTarget): Promise<AppCredentials>;
  /** User name and password for a password grant, where the environment or the vault has them. */
  login(target: OAuthTarget): Promise<Login | undefined>;
}

interface OAuthParts extends Pick<Storage, 'store' | 'vault'>, Pick<HttpClients, 'oauth'> {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly terminal: Terminal;
  /** Names this process in leases and notes. */
  readonly owner: string;
  readonly unstopped: Host['unstopped'];
  config(): Promise<Config>;
  provider(id: string): Promise<Provider>;
  endpoints(provider: Provider, env: Environment): Promise<Endpoints>;
}

/** Makes the manager of tokens when it is asked for first, and once. */
export function oauthAccess({ environment, store, vault, oauth, config, ...given }: OAuthParts): OAuthAccess {
  const { clock, terminal, owner, unstopped, provider, endpoints } = given;
  const secrets = { environment, store, vault };
  /** Provider, settings and endpoints, as the variant of the connection has them. */
  const chosen = async (target: OAuthTarget) => {
    const { variantOf } = await import('../oauth/settings.ts');
    const of = await provider(target.provider);
    return { of, ...variantOf(of, await endpoints(of, target.env), target.variant) };
  };
  const appCredentials = async (target: OAuthTarget): Promise<AppCredentials> => {
    const { findAppCredentials, NO_APP } = await import('../oauth/app-credentials.ts');
    const { of, settings } = await chosen(target);
    return settings.clientAuthentication === 'omitted' ? NO_APP : findAppCredentials(secrets, of, target, settings);
  };
  const login = async (target: OAuthTarget) => {
    const { findLogin } = await import('../oauth/app-credentials.ts');
    return findLogin(secrets, { account: target.account, provider: target.provider }, target.env);
  };
  const protocolFor: OAuthAccess['protocolFor'] = async (target, signal, purpose = 'grant') => {
    const { discover } = await import('../oauth/discovery.ts');
    const { of, settings, endpoints: at } = await chosen(target);
    const app = await appCredentials(target);
    const { send, call } = await oauth(of, { account: target.account, provider: target.provider });
    const protocol = {
      send,
      call: { ...call, signal },
      provider: of,
      settings,
      endpoints: at,
      app,
      now: () => clock.now(),
    };
    return { ...protocol, ...(await discover(protocol, purpose)) };
  };
  const tokens = once(async () => {
    const { TokenManager } = await import('../oauth/token-manager.ts');
    const prepare: Prepare = async (...input) => {
      const { prepareRenewal } = await import('../oauth/renew.ts');
      return prepareRenewal({ protocolFor, loginFor: login })(...input);
    };
    const parts = { store: await store(), vault: await vault(), clock, owner, prepare, unstopped, warn: terminal.warn };
    return new TokenManager(parts);
  });
  const redirectUri = async (id: string) => {
    const { variableName } = await import('../oauth/app-credentials.ts');
    return environment[variableName(id, 'redirect-uri')] || (await config()).redirectUris?.[id];
  };
  return { tokens, redirectUri, protocolFor, appCredentials, login };
}
