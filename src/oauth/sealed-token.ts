import type { ConnectionKey } from '../connection.ts';
import type { Secret } from '../secret.ts';
import type { ConnectionRow, SealedToken } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import type { TokenSet } from './token-set.ts';

/** A token set sealed for one row: every ciphertext is bound to tenant, provider, column and row. */
export async function sealToken(
  vault: Pick<Vault, 'seal'>,
  row: ConnectionKey & { readonly id: string },
  set: TokenSet,
): Promise<SealedToken> {
  const seal = async (column: string, value: Secret | undefined) =>
    value
      ? vault.seal(value.reveal(), { account: row.account, provider: row.provider, column, row: row.id })
      : undefined;
  const { tokenType, issuedAt, expiresAt, refreshExpiresAt, refreshHardExpiresAt, scopes } = set;
  return {
    accessToken: await vault.seal(set.accessToken.reveal(), at(row, 'access_token_encrypted')),
    refreshToken: await seal('refresh_token_encrypted', set.refreshToken),
    idToken: await seal('id_token_encrypted', set.idToken),
    ...{ tokenType, issuedAt, expiresAt, refreshExpiresAt, refreshHardExpiresAt, scopes },
  };
}

export function openAccessToken(vault: Pick<Vault, 'open'>, row: ConnectionRow): Promise<Secret> {
  return vault.open(row.token.accessToken, at(row, 'access_token_encrypted'));
}

/** Undefined when the provider gave none. */
export async function openRefreshToken(vault: Pick<Vault, 'open'>, row: ConnectionRow): Promise<Secret | undefined> {
  return row.token.refreshToken && vault.open(row.token.refreshToken, at(row, 'refresh_token_encrypted'));
}

export async function openIdToken(vault: Pick<Vault, 'open'>, row: ConnectionRow): Promise<Secret | undefined> {
  return row.token.idToken && vault.open(row.token.idToken, at(row, 'id_token_encrypted'));
}

function at(row: ConnectionKey & { readonly id: string }, column: string) {
  return { account: row.account, provider: row.provider, column, row: row.id };
}
