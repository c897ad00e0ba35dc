import type { Environment } from '../../connection.ts';
import type { ConnectionRow, ConnectionState, LastRefresh, NewConnection, SealedToken } from '../store.ts';
import type { Value } from './database.ts';

/** A row of `oauth_tokens` as the driver gives it. */
export interface TokenRow {
  readonly id: string;
  readonly account_id: string;
  readonly provider: string;
  readonly env: Environment;
  readonly variant: string | null;
  readonly client_encrypted: Uint8Array | null;
  readonly access_token_encrypted: Uint8Array;
  readonly refresh_token_encrypted: Uint8Array | null;
  readonly id_token_encrypted: Uint8Array | null;
  readonly token_type: string;
  readonly issued_at: number;
  readonly expires_at: number | null;
  readonly refresh_expires_at: number | null;
  readonly refresh_hard_expires_at: number | null;
  readonly scopes: string;
  readonly external_id: string | null;
  readonly external_name: string | null;
  readonly external_user_id: string | null;
  readonly state: ConnectionState;
  readonly state_reason: string | null;
  readonly generation: number;
  readonly refresh_count: number;
  readonly last_refresh_at: number | null;
  readonly last_refresh_outcome: LastRefresh['outcome'] | null;
  readonly last_refresh_detail: string | null;
  readonly last_refresh_failures: number;
  readonly rotation_started_at: number | null;
  readonly rotation_owner: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

type Values = Readonly<Record<string, Value>>;

/** What an INSERT of a connection binds, by name. */
export function newConnectionValues(row: NewConnection): Values {
  const { account, provider, id, env, variant, client, externalId, externalName, externalUserId, token, at } = row;
  const identity = { account, provider, id, env, variant, client, externalId, externalName, externalUserId };
  return { ...identity, ...tokenValues(token), at };
}

/** What a statement that stores a token binds, by name. */
export function tokenValues(token: SealedToken): Values {
  const { accessToken, refreshToken, idToken, tokenType, scopes } = token;
  const { issuedAt, expiresAt, refreshExpiresAt, refreshHardExpiresAt } = token;
  const life = { issuedAt, expiresAt, refreshExpiresAt, refreshHardExpiresAt };
  return { accessToken, refreshToken, idToken, tokenType, ...life, scopes: JSON.stringify(scopes) };
}

/** Reads a row of `oauth_tokens`. */
export function toConnection(row: TokenRow): ConnectionRow {
  return {
    account: row.account_id,
    provider: row.provider,
    id: row.id,
    env: row.env,
    variant: row.variant ?? undefined,
    client: maybeBytes(row.client_encrypted),
    externalId: row.external_id ?? undefined,
    externalName: row.external_name ?? undefined,
    externalUserId: row.external_user_id ?? undefined,
    token: toToken(row),
    state: row.state,
    stateReason: row.state_reason ?? undefined,
    generation: row.generation,
    refreshCount: row.refresh_count,
    lastRefresh: toLastRefresh(row),
    rotation:
      row.rotation_started_at === null
        ? undefined
        : { startedAt: row.rotation_started_at, owner: row.rotation_owner ?? '' },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function toToken(row: TokenRow): SealedToken {
  return {
    accessToken: bytes(row.access_token_encrypted),
    refreshToken: maybeBytes(row.refresh_token_encrypted),
    idToken: maybeBytes(row.id_token_encrypted),
    tokenType: row.token_type,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at ?? undefined,
    refreshExpiresAt: row.refresh_expires_at ?? undefined,
    refreshHardExpiresAt: row.refresh_hard_expires_at ?? undefined,
    scopes: JSON.parse(row.scopes),
  };
}

function toLastRefresh(row: TokenRow): LastRefresh | undefined {
  if (row.last_refresh_at === null || row.last_refresh_outcome === null) return undefined;
  return {
    at: row.last_refresh_at,
    outcome: row.last_refresh_outcome,
    detail: row.last_refresh_detail ?? undefined,
    failures: row.last_refresh_failures,
  };
}

/** A plain Uint8Array on the same memory: the driver gives a Buffer, which compares and serialises otherwise. */
export function bytes(value: Uint8Array): Uint8Array {
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function maybeBytes(value: Uint8Array | null): Uint8Array | undefined {
  return value === null ? undefined : bytes(value);
}
