import type { Environment } from '../connection.ts';
import type { ConnectionRow, ConnectionState, LastRefresh, SealedToken } from './store.ts';

/** A row of `oauth_tokens` as a driver gives it, but for its scopes; the account by its name, times in ms since the epoch. */
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

/** Reads a row of `oauth_tokens`. */
export function toConnection(row: TokenRow, scopes: readonly string[]): ConnectionRow {
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
    token: toToken(row, scopes),
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

function toToken(row: TokenRow, scopes: readonly string[]): SealedToken {
  return {
    accessToken: bytes(row.access_token_encrypted),
    refreshToken: maybeBytes(row.refresh_token_encrypted),
    idToken: maybeBytes(row.id_token_encrypted),
    tokenType: row.token_type,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at ?? undefined,
    refreshExpiresAt: row.refresh_expires_at ?? undefined,
    refreshHardExpiresAt: row.refresh_hard_expires_at ?? undefined,
    scopes,
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

/** A plain Uint8Array on the same memory: drivers give a Buffer, which compares and serialises otherwise. */
export function bytes(value: Uint8Array): Uint8Array {
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function maybeBytes(value: Uint8Array | null): Uint8Array | undefined {
  return value === null ? undefined : bytes(value);
}
