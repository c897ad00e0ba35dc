import { isLwiError, LwiError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { ConnectionRow } from '../store/store.ts';
import type { Login } from './app-credentials.ts';
import { clientCredentialsGrant, type Protocol, passwordGrant, refreshGrant } from './protocol.ts';
import type { Prepare } from './rotation.ts';
import type { TokenSet } from './token-set.ts';

interface Deps {
  /** The protocol of the row's provider, environment and variant, with the app credentials found. */
  readonly protocolFor: (row: ConnectionRow, signal: AbortSignal) => Promise<Protocol>;
  /** User name and password, if the environment or the vault has them. */
  readonly loginFor: (row: ConnectionRow) => Promise<Login | undefined>;
}

/**
 * How a connection gets a new token set, by the way its grant allows: the refresh token; for a password grant the login when the refresh
 * token is refused (MyCarrierPackets); for client credentials the grant itself. Everything that may fail without the provider is done before the step that
 * is given back: settings, discovery, app credentials. Throws UNSUPPORTED when there is no way.
 */
export function prepareRenewal(deps: Deps): Prepare {
  return async (row, refreshToken, signal, repeats) => {
    const found = await deps.protocolFor(row, signal);
    const protocol = { ...found, call: { ...found.call, ...repeats } };
    const { grant, onRefreshRejected } = protocol.settings;
    if (grant === 'client_credentials') return () => clientCredentialsGrant(protocol, row.token.scopes);
    const login = onRefreshRejected === 'password' ? await deps.loginFor(row) : undefined;
    if (refreshToken) return () => refreshOrLogIn(protocol, refreshToken, login);
    if (login) return () => passwordGrant(protocol, login);
    throw new LwiError('UNSUPPORTED', `${protocol.provider.title} gave no refresh token.`, {
      provider: row.provider,
      account: row.account,
      hint: 'Run `lwi connect {provider}`.',
    });
  };
}

async function refreshOrLogIn(protocol: Protocol, refreshToken: Secret, login: Login | undefined): Promise<TokenSet> {
  try {
    return await refreshGrant(protocol, refreshToken);
  } catch (error) {
    if (!login || !isLwiError(error, 'GRANT_REJECTED')) throw error;
    return passwordGrant(protocol, login);
  }
}
