import type { ConnectionKey } from '../../connection.ts';
import { type TokenRow, toConnection } from '../connection-row.ts';
import { assertSealedWith } from '../sealed-with.ts';
import type { SealedToken, Store } from '../store.ts';
import { newConnectionValues, tokenValues } from './connection-values.ts';
import type { SqliteDatabase, Value } from './database.ts';
import { claimedKeyId } from './meta.ts';

/** Scopes are JSON, because SQLite has no lists. */
type Row = TokenRow & { readonly scopes: string };

const connectionOf = (row: Row) => toConnection(row, JSON.parse(row.scopes));

const ONE = 'SELECT * FROM oauth_tokens WHERE account_id = ? AND provider = ?';
const MANY = `
SELECT * FROM oauth_tokens WHERE (:account IS NULL OR account_id = :account) AND (:provider IS NULL OR provider = :provider)
ORDER BY account_id, provider`;

const INSERT = `
INSERT INTO oauth_tokens (
  account_id, provider, id, env, variant, client_encrypted, external_id, external_name, external_user_id,
  access_token_encrypted, refresh_token_encrypted, id_token_encrypted, token_type, issued_at, expires_at,
  refresh_expires_at, refresh_hard_expires_at, scopes, created_at, updated_at, state, generation
) VALUES (
  :account, :provider, :id, :env, :variant, :client, :externalId, :externalName, :externalUserId,
  :accessToken, :refreshToken, :idToken, :tokenType, :issuedAt, :expiresAt,
  :refreshExpiresAt, :refreshHardExpiresAt, :scopes, :at, :at, 'active',
  1 + coalesce((SELECT generation FROM retired_generations WHERE account_id = :account AND provider = :provider), 0)
) ON CONFLICT (account_id, provider) DO NOTHING`;

const RETIRE = `
INSERT INTO retired_generations (account_id, provider, generation)
SELECT account_id, provider, generation FROM oauth_tokens
WHERE account_id = :account AND provider = :provider AND generation = :ifGeneration
ON CONFLICT (account_id, provider) DO UPDATE SET generation = excluded.generation`;
const DELETE =
  'DELETE FROM oauth_tokens WHERE account_id = :account AND provider = :provider AND generation = :ifGeneration';

const BEGIN_ROTATION = `
UPDATE oauth_tokens SET rotation_started_at = :startedAt, rotation_owner = :owner, updated_at = :startedAt
WHERE account_id = :account AND provider = :provider AND generation = :ifGeneration`;

/** Larger than any answer of a token endpoint once it is sealed, bytes. */
const RESERVE_BYTES = 65_536;
const RESERVE = `
INSERT INTO rotation_reserves (account_id, provider, room) VALUES (:account, :provider, zeroblob(${RESERVE_BYTES}))
ON CONFLICT DO NOTHING`;
const FREE_RESERVE = 'DELETE FROM rotation_reserves WHERE account_id = :account AND provider = :provider';

/** A refresh that brings no new refresh token leaves the old one in force (RFC 6749, section 6), with its expiry. */
const REPLACE_TOKEN = `
UPDATE oauth_tokens SET
  access_token_encrypted = :accessToken,
  refresh_token_encrypted = coalesce(:refreshToken, refresh_token_encrypted),
  id_token_encrypted = coalesce(:idToken, id_token_encrypted),
  token_type = :tokenType, issued_at = :issuedAt, expires_at = :expiresAt,
  refresh_expires_at = iif(:refreshToken IS NULL, coalesce(:refreshExpiresAt, refresh_expires_at), :refreshExpiresAt),
  refresh_hard_expires_at = coalesce(:refreshHardExpiresAt, refresh_hard_expires_at),
  scopes = :scopes, external_name = coalesce(:externalName, external_name),
  state = 'active', state_reason = NULL,
  generation = generation + 1, refresh_count = refresh_count + 1,
  last_refresh_at = :at, last_refresh_outcome = 'refreshed', last_refresh_detail = NULL, last_refresh_failures = 0,
  rotation_started_at = NULL, rotation_owner = NULL, updated_at = :at
WHERE account_id = :account AND provider = :provider AND generation = :ifGeneration`;

const FAIL_ROTATION = `
UPDATE oauth_tokens SET
  last_refresh_at = :at, last_refresh_outcome = :outcome, last_refresh_detail = :detail,
  last_refresh_failures = last_refresh_failures + 1,
  rotation_started_at = iif(:kept, rotation_started_at, :startedAt), rotation_owner = iif(:kept, rotation_owner, :rotationOwner),
  state = iif(:outcome = 'reconnect', 'reconnect', state), state_reason = iif(:outcome = 'reconnect', :detail, state_reason),
  updated_at = :at
WHERE account_id = :account AND provider = :provider AND generation = :ifGeneration`;

type Methods =
  | 'connection'
  | 'connections'
  | 'putConnection'
  | 'deleteConnection'
  | 'beginRotation'
  | 'replaceToken'
  | 'failRotation';

/** Connections with their sealed tokens, changed by compare-and-set on the generation: table `oauth_tokens`. */
export function connectionsTable(db: SqliteDatabase): Pick<Store, Methods> {
  const changed = (sql: string, values: Readonly<Record<string, Value>>) => db.statement(sql).run(values).changes === 1;
  const remove = ({ account, provider }: ConnectionKey, ifGeneration: number) => {
    db.statement(FREE_RESERVE).run({ account, provider });
    return changed(RETIRE, { account, provider, ifGeneration }) && changed(DELETE, { account, provider, ifGeneration });
  };

  const assertSealed = ({ accessToken, refreshToken, idToken }: SealedToken, client?: Uint8Array) =>
    assertSealedWith(claimedKeyId(db), [accessToken, refreshToken, idToken, client]);

  return {
    connection: ({ account, provider }) =>
      db.read(() => {
        const row = db.statement<Row>(ONE).get(account, provider);
        return row && connectionOf(row);
      }),

    connections: (filter = {}) =>
      db.read(() => {
        const { account, provider } = filter;
        return db.statement<Row>(MANY).all({ account, provider }).map(connectionOf);
      }),

    putConnection: (row, ifGeneration) =>
      db.write(() => {
        assertSealed(row.token, row.client);
        if (ifGeneration !== undefined && !remove(row, ifGeneration)) return false;
        return changed(INSERT, newConnectionValues(row));
      }),

    deleteConnection: (key, ifGeneration) => db.write(() => remove(key, ifGeneration)),

    beginRotation: async ({ account, provider }, ifGeneration, { startedAt, owner }) => {
      const begun = await db.write(() => {
        if (!changed(BEGIN_ROTATION, { account, provider, ifGeneration, startedAt, owner })) return false;
        db.statement(RESERVE).run({ account, provider });
        return true;
      });
      // Moves the reserve into the database file. The log starts again in the room that it has, and the token in that of the reserve.
      if (begun) await db.checkpoint('PASSIVE');
      return begun;
    },

    replaceToken: ({ account, provider }, { token, externalName, at }, ifGeneration) =>
      db.write(() => {
        assertSealed(token);
        db.statement(FREE_RESERVE).run({ account, provider });
        return changed(REPLACE_TOKEN, { account, provider, ifGeneration, ...tokenValues(token), externalName, at });
      }),

    failRotation: ({ account, provider }, { at, outcome, detail, note }, ifGeneration) =>
      db.write(() => {
        db.statement(FREE_RESERVE).run({ account, provider });
        const kept = note === 'kept' ? 1 : 0;
        const { startedAt, owner: rotationOwner } = note === 'kept' || !note ? {} : note;
        const values = { account, provider, ifGeneration, at, outcome, detail, kept, startedAt, rotationOwner };
        return changed(FAIL_ROTATION, values);
      }),
  };
}
