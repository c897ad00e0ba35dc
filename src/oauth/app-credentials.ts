import type { ConnectionKey, Environment } from '../connection.ts';
import { LwiError } from '../errors.ts';
import type { OAuthSettings } from '../providers/oauth-settings.ts';
import type { Provider } from '../providers/provider.ts';
import { Secret } from '../secret.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';

/** The app (OAuth client) that a grant is made for. */
export interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret?: Secret | undefined;
  /** For people: where they came from. */
  readonly source: string;
}

export interface Login {
  readonly username: string;
  readonly password: Secret;
  readonly source: string;
}

interface Deps {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly store: () => Promise<Pick<Store, 'secret'>>;
  readonly vault: () => Promise<Pick<Vault, 'open'>>;
}

/** `LWI_QUICKBOOKS_CLIENT_ID` for provider `quickbooks` and name `client-id`. */
export function variableName(provider: string, name: string): string {
  return `LWI_${provider}_${name}`.toUpperCase().replaceAll('-', '_');
}

/** A named value of the provider: from the environment, else from the vault. */
export async function namedSecret(
  deps: Deps,
  key: ConnectionKey,
  name: string,
): Promise<{ value: Secret; source: string } | undefined> {
  const variable = variableName(key.provider, name);
  const fromEnvironment = deps.environment[variable];
  if (fromEnvironment !== undefined && fromEnvironment !== '')
    return { value: new Secret(fromEnvironment), source: variable };
  const stored = await (await deps.store()).secret({ ...key, name });
  if (!stored) return undefined;
  const value = await (await deps.vault()).open(stored.sealed, { ...key, column: 'secret', row: name });
  return { value, source: `vault (${name})` };
}

/** For token endpoints that know no clients at all. */
export const NO_APP: AppCredentials = { clientId: 'none', source: 'not needed' };

/**
 * The app credentials for a connection: environment, then vault, then those that the connection itself was made with. The mock takes any
 * client, so it has a built-in one. Throws CREDENTIALS_MISSING naming the variables.
 */
export async function findAppCredentials(
  deps: Deps,
  provider: Provider,
  target: ConnectionKey & { env: Environment; id?: string; client?: Uint8Array | undefined },
  settings: Pick<OAuthSettings, 'clientAuthentication'>,
): Promise<AppCredentials> {
  const key = { account: target.account, provider: target.provider };
  const needed = settings.clientAuthentication === 'none' ? ['client-id'] : ['client-id', 'client-secret'];
  const id = await namedSecret(deps, key, 'client-id');
  const secret = await namedSecret(deps, key, 'client-secret');
  if (id) {
    if (!secret && needed.length > 1) throw missing(provider, key, ['client-secret']);
    return { clientId: id.value.reveal(), clientSecret: secret?.value, source: id.source };
  }
  const app = await ownApp(deps, key, target);
  // A secret alone is a new one of the same app.
  if (app) return secret ? { ...app, clientSecret: secret.value, source: `${app.source}, ${secret.source}` } : app;
  // A stored connection that keeps no app was made with a token that somebody brought: nothing about it needs one.
  if (target.id) return NO_APP;
  throw missing(provider, key, secret ? ['client-id'] : needed);
}

/** The app that the connection was made with, or the mock's. */
async function ownApp(
  deps: Pick<Deps, 'vault'>,
  key: ConnectionKey,
  target: { env: Environment; id?: string; client?: Uint8Array | undefined },
): Promise<AppCredentials | undefined> {
  if (target.client && target.id) {
    const opened = await (await deps.vault()).open(target.client, {
      ...key,
      column: 'client_encrypted',
      row: target.id,
    });
    const { clientId, clientSecret } = JSON.parse(opened.reveal()) as { clientId: string; clientSecret?: string };
    return {
      clientId,
      clientSecret: clientSecret ? new Secret(clientSecret) : undefined,
      source: 'kept with the connection',
    };
  }
  if (target.env !== 'mock') return undefined;
  return { clientId: 'lwi-mock-client', clientSecret: new Secret('lwi-mock-secret'), source: 'built in for the mock' };
}

/** User name and password for a password grant, if the environment or the vault has them; the mock has its own. */
export async function findLogin(deps: Deps, key: ConnectionKey, env: Environment): Promise<Login | undefined> {
  const username = await namedSecret(deps, key, 'username');
  const password = await namedSecret(deps, key, 'password');
  if (username && password)
    return { username: username.value.reveal(), password: password.value, source: password.source };
  if (env === 'mock' && !username && !password) {
    return { username: 'lwi@example.com', password: new Secret('lwi-mock-password'), source: 'built in for the mock' };
  }
  return undefined;
}

function missing(provider: Provider, key: ConnectionKey, names: readonly string[]): LwiError {
  const variables = names.map((name) => variableName(provider.id, name)).join(' and ');
  const secretOnly = provider.oauth.clientAuthenticationAssumed === true && names[0] === 'client-secret';
  const publicClient = secretOnly ? ' A public client has none: then set oauth.clientAuthentication to "none".' : '';
  return new LwiError(
    'CREDENTIALS_MISSING',
    `${provider.title} needs the credentials of an app: ${variables} not set.`,
    {
      ...key,
      hint: `Set ${variables}, or run \`lwi secret set ${provider.id} ${names[0]}\`.${publicClient}`,
    },
  );
}
