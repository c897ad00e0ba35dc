import { LwiError } from '../../errors.ts';
import type { NewConnection, SealedToken, TokenChange } from '../store.ts';
import type { Value } from './database.ts';

/** What a column of `oauth_tokens` gets: what is bound, and how it stands in the statement. */
export interface Bound {
  readonly value: Value;
  /** SQL with the parameter of this number in it. */
  sql(parameter: string): string;
}

/** Characters that VARCHAR(255) takes. */
const LONGEST_ID = 255;

/** What an INSERT of a connection gives to each column. Throws STORE_REFUSED for an id that is longer than its column. */
export function newConnectionValues(row: NewConnection): Record<string, Bound> {
  return {
    provider: plain(row.provider),
    id: { value: row.id, sql: (parameter) => `${parameter}::uuid` },
    env: plain(row.env),
    variant: plain(row.variant),
    client_encrypted: sealed(row.client),
    external_id: id(row, row.externalId),
    external_name: plain(legible(row.externalName)),
    external_user_id: id(row, row.externalUserId),
    ...tokenValues(row.token),
    refresh_expires_at: moment(row.token.refreshExpiresAt),
    created_at: moment(row.at),
    updated_at: moment(row.at),
  };
}

/**
 * What a refresh gives to each column but `last_refresh_at`. One that brings no new refresh token leaves the old one in force (RFC 6749, section 6), with its expiry.
 */
export function changedTokenValues({ token, externalName, at }: TokenChange): Record<string, Bound> {
  const values = tokenValues(token);
  const expiry = token.refreshToken
    ? moment(token.refreshExpiresAt)
    : kept('refresh_expires_at', moment(token.refreshExpiresAt));
  return {
    ...values,
    refresh_token_encrypted: kept('refresh_token_encrypted', sealed(token.refreshToken)),
    id_token_encrypted: kept('id_token_encrypted', sealed(token.idToken)),
    refresh_expires_at: expiry,
    refresh_hard_expires_at: kept('refresh_hard_expires_at', moment(token.refreshHardExpiresAt)),
    external_name: kept('external_name', plain(legible(externalName))),
    updated_at: moment(at),
  };
}

/** A time, ms since the epoch, for a TIMESTAMPTZ. */
export function moment(ms: number | undefined): Bound {
  return { value: ms, sql: (parameter) => `to_timestamp(${parameter}::float8 / 1000)` };
}

/** Text for people without the one character that a text of PostgreSQL cannot hold. */
export function legible(text: string | undefined): string | undefined {
  return text?.replaceAll('\0', '\ufffd');
}

function tokenValues(token: SealedToken): Record<string, Bound> {
  return {
    access_token_encrypted: sealed(token.accessToken),
    refresh_token_encrypted: sealed(token.refreshToken),
    id_token_encrypted: sealed(token.idToken),
    token_type: plain(legible(token.tokenType)),
    issued_at: moment(token.issuedAt),
    expires_at: moment(token.expiresAt),
    refresh_hard_expires_at: moment(token.refreshHardExpiresAt),
    scopes: { value: token.scopes, sql: (parameter) => `${parameter}::text[]` },
  };
}

const plain = (value: string | undefined): Bound => ({ value, sql: (parameter) => `${parameter}::text` });

const sealed = (value: Uint8Array | undefined): Bound => ({ value, sql: (parameter) => `${parameter}::bytea` });

/** What is absent leaves the column as it is. */
const kept = (column: string, { value, sql }: Bound): Bound => ({
  value,
  sql: (parameter) => `coalesce(${sql(parameter)}, oauth_tokens.${column})`,
});

function id({ account, provider }: NewConnection, text: string | undefined): Bound {
  if (text === undefined || text.length <= LONGEST_ID) return plain(text);
  const message = `The id that ${provider} gave for account ${account} has ${text.length} characters, and its column takes ${LONGEST_ID}.`;
  const hint = 'Use a database of SQLite for this connection: unset LWI_DATABASE_URL. Nothing was stored.';
  throw new LwiError('STORE_REFUSED', message, { account, provider, hint });
}
