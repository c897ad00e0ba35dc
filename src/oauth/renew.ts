import { isLwiError, LwiError } from '../errors.ts';
import type { Secret } from '../secret.ts';
import type { ConnectionRow } from '../store/store.ts';
import type { Login } from './app-credentials.ts';
import { clientCredentialsGrant, type Protocol, passwordGrant, refreshGrant } from './protocol.ts';
import type { TokenSet } from './token-set.ts';

interface Deps {
  /** The protocol of the row's provider, environment and variant, with the app credentials found. */
  readonly protocolFor: (row: ConnectionRow, signal: AbortSignal) => Promise<Protocol>;
  /** User name and password, if the environment or the vault has them. */
  readonly loginFor: (row: ConnectionRow) => Promise<Login | undefined>;
}

/**
 * A new token set for a connection, by the way its grant allows: the refresh token; for a password grant the login when the refresh
 * token is refused (MyCarrierPackets); for client credentials the grant itself. Throws UNSUPPORTED when there is no way.
 */
export function renewWith(deps: Deps) {
  return async (row: ConnectionRow, refreshToken: Secret | undefined, signal: AbortSignal): Promise<TokenSet> => {
    const protocol = await deps.protocolFor(row, signal);
    const { grant, onRefreshRejected } = protocol.settings;
    if (grant === 'client_credentials' && !refreshToken) return clientCredentialsGrant(protocol, row.token.scopes);
    const login = onRefreshRejected === 'password' ? () => deps.loginFor(row) : () => Promise.resolve(undefined);
    if (!refreshToken) {
      const found = await login();
      if (found) return passwordGrant(protocol, found);
      throw new LwiError('UNSUPPORTED', `${protocol.provider.title} gave no refresh token.`, {
        provider: row.provider,
        account: row.account,
        hint: 'Run `lwi connect {provider}`.',
      });
    }
    try {
      return await refreshGrant(protocol, refreshToken);
    } catch (error) {
      if (!isLwiError(error, 'GRANT_REJECTED')) throw error;
      const found = await login();
      if (!found) throw error;
      return passwordGrant(protocol, found);
    }
  };
}
