import type { ConnectionKey } from '../../connection.ts';
import { type TokenRow, toConnection } from '../connection-row.ts';
import { assertSealedWith } from '../sealed-with.ts';
import type { ConnectionRow, SealedToken, Store } from '../store.ts';
import { type Bound, changedTokenValues, legible, moment, newConnectionValues } from './connection-values.ts';
import type { PostgresDatabase, Queries, Value } from './database.ts';
import type { MachineTime } from './machine-time.ts';
import { claimedKeyId } from './meta.ts';

interface Row extends TokenRow {
  readonly scopes: readonly string[] | null;
  /** How far the clock of the database is ahead of that of this machine, ms. */
  readonly ahead: number;
}

const COLUMNS = [
  ...['id', 'provider', 'env', 'variant', 'client_encrypted', 'access_token_encrypted', 'refresh_token_encrypted'],
  ...['id_token_encrypted', 'token_type', 'issued_at', 'expires_at', 'refresh_expires_at', 'refresh_hard_expires_at'],
  ...['scopes', 'external_id', 'external_name', 'external_user_id', 'state', 'state_reason', 'generation'],
  ...['refresh_count', 'last_refresh_at', 'last_refresh_outcome', 'last_refresh_detail', 'last_refresh_failures'],
  ...['rotation_started_at', 'rotation_owner', 'created_at', 'updated_at'],
];
const select = (ahead: string) => `
SELECT ${ahead} AS ahead, a.name AS account_id, ${COLUMNS.map((column) => `t.${column}`).join(', ')}
FROM oauth_tokens AS t JOIN accounts AS a ON a.id = t.account_id`;
const one = ({ shift }: MachineTime) => `${select(shift(3))} WHERE a.name = $1 AND t.provider = $2`;
const many = ({ shift }: MachineTime) =>
  `${select(shift(3))} WHERE ($1::text IS NULL OR a.name = $1) AND ($2::text IS NULL OR t.provider = $2) ORDER BY a.name, t.provider`;

/** The row of an account, which is made where it is absent; whoever adds or removes a connection of the account waits until the transaction ends. */
const ACCOUNT = 'INSERT INTO accounts (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name';

const REMOVE = `
WITH account AS (SELECT id FROM accounts WHERE name = $1 FOR NO KEY UPDATE),
gone AS (
  DELETE FROM oauth_tokens AS t USING account
  WHERE t.account_id = account.id AND t.provider = $2 AND t.generation = $3::bigint RETURNING t.generation
)
INSERT INTO retired_generations (account_id, provider, generation) SELECT $1, $2, generation FROM gone
ON CONFLICT (account_id, provider) DO UPDATE SET generation = excluded.generation`;

const NEXT_GENERATION =
  '1 + coalesce((SELECT generation FROM retired_generations WHERE account_id = $1 AND provider = $2), 0)';

/** The row of account $1 and provider $2, if its generation is $3. */
const THIS = `
FROM accounts AS a
WHERE a.id = oauth_tokens.account_id AND a.name = $1 AND oauth_tokens.provider = $2 AND oauth_tokens.generation = $3::bigint`;

const REFRESHED = `
state = 'active', state_reason = NULL, generation = oauth_tokens.generation + 1, refresh_count = refresh_count + 1,
last_refresh_outcome = 'refreshed', last_refresh_detail = NULL, last_refresh_failures = 0,
rotation_started_at = NULL, rotation_owner = NULL`;

type Methods =
  | 'connection'
  | 'connections'
  | 'putConnection'
  | 'deleteConnection'
  | 'beginRotation'
  | 'replaceToken'
  | 'failRotation';

/**
 * Connections with their sealed tokens, changed by compare-and-set on the generation: table `oauth_tokens`. No room is kept for the next token, as in a file
 * of SQLite: the disk belongs to the whole server, and what a transaction frees is of use to the next one only after a vacuum. That `beginRotation` was written
 * says that the server could write a moment before the token is spent.
 *
 * When the last refresh ended and when one began are times of the database, since one machine notes them and another one heeds them; and whichever was noted
 * later is never the earlier one, so that the order of the two can be relied on whatever any clock says.
 */
export function connectionsTable(db: PostgresDatabase, time: MachineTime): Pick<Store, Methods> {
  const assertSealed = async (tx: Queries, { accessToken, refreshToken, idToken }: SealedToken, client?: Uint8Array) =>
    assertSealedWith(await claimedKeyId(tx), [accessToken, refreshToken, idToken, client]);
  const remove = async (on: Queries, { account, provider }: ConnectionKey, ifGeneration: number) =>
    (await on.run(REMOVE, [account, provider, ifGeneration])) === 1;

  return {
    connection: async ({ account, provider }) => {
      const row = await db.row<Row>(one(time), [account, provider, ...time.values()]);
      return row && connectionOf(row);
    },

    connections: async ({ account, provider } = {}) =>
      (await db.rows<Row>(many(time), [account, provider, ...time.values()])).map(connectionOf),

    putConnection: (row, ifGeneration) => {
      const { columns, parameters, values } = bound(newConnectionValues(row), [row.account, row.provider]);
      const insert = `
        INSERT INTO oauth_tokens (account_id, generation, ${columns.join(', ')})
        SELECT a.id, ${NEXT_GENERATION}, ${parameters.join(', ')} FROM accounts AS a WHERE a.name = $1
        ON CONFLICT (account_id, provider) DO NOTHING`;
      return db.write(async (tx) => {
        await assertSealed(tx, row.token, row.client);
        if (ifGeneration !== undefined && !(await remove(tx, row, ifGeneration))) return false;
        await tx.run(ACCOUNT, [row.account]);
        return (await tx.run(insert, values)) === 1;
      });
    },

    deleteConnection: (key, ifGeneration) => remove(db, key, ifGeneration),

    beginRotation: async ({ account, provider }, ifGeneration, { startedAt, owner }) => {
      const values = [account, provider, ifGeneration, startedAt, legible(owner), ...time.values()];
      return (await db.run(beginRotation(time), values)) === 1;
    },

    replaceToken: ({ account, provider }, change, ifGeneration) => {
      const first = [account, provider, ifGeneration, change.at, ...time.values()];
      const { columns, parameters, values } = bound(changedTokenValues(change), first);
      const assignments = [
        `last_refresh_at = ${ofDatabase('$4', time.shift(5))}`,
        ...columns.map((column, index) => `${column} = ${parameters[index]}`),
      ];
      const sql = `UPDATE oauth_tokens SET ${assignments.join(', ')}, ${REFRESHED} ${THIS}`;
      return db.write(async (tx) => {
        await assertSealed(tx, change.token);
        return (await tx.run(sql, values)) === 1;
      });
    },

    failRotation: async ({ account, provider }, { at, outcome, detail, note }, ifGeneration) => {
      const rotation = note === 'kept' ? undefined : note;
      const values = [account, provider, ifGeneration, at, outcome, legible(detail), note === 'kept'];
      const { startedAt, owner } = rotation ?? {};
      return (await db.run(failRotation(time), [...values, startedAt, legible(owner), ...time.values()])) === 1;
    },
  };
}

/** A time of this machine as a TIMESTAMPTZ of the database. */
const ofDatabase = (parameter: string, shift: string) => `to_timestamp((${parameter}::float8 + ${shift}) / 1000)`;

/** Later than what was noted last: no end of it is known yet. */
const beginRotation = ({ shift }: MachineTime) => `
UPDATE oauth_tokens SET
  rotation_started_at = greatest(${ofDatabase('$4', shift(6))}, last_refresh_at + interval '1 millisecond'),
  rotation_owner = $5, updated_at = ${moment(0).sql('$4')}
${THIS}`;

/** Not earlier than the note that stays: more will not become known of that refresh. */
const failRotation = ({ shift }: MachineTime) => `
UPDATE oauth_tokens SET
  last_refresh_at = greatest(${ofDatabase('$4', shift(10))},
    CASE WHEN $7::boolean THEN rotation_started_at ELSE ${ofDatabase('$8', shift(10))} END), last_refresh_outcome = $5, last_refresh_detail = $6,
  last_refresh_failures = last_refresh_failures + 1,
  rotation_started_at = CASE WHEN $7::boolean THEN rotation_started_at ELSE ${ofDatabase('$8', shift(10))} END,
  rotation_owner = CASE WHEN $7::boolean THEN rotation_owner ELSE $9 END,
  state = CASE WHEN $5 = 'reconnect' THEN 'reconnect' ELSE state END,
  state_reason = CASE WHEN $5 = 'reconnect' THEN $6 ELSE state_reason END,
  updated_at = ${moment(0).sql('$4')}
${THIS}`;

function connectionOf({ ahead, ...row }: Row): ConnectionRow {
  const local = (at: number | null) => (at === null ? null : at - ahead);
  const times = {
    last_refresh_at: local(row.last_refresh_at),
    rotation_started_at: local(row.rotation_started_at),
  };
  return toConnection({ ...row, ...times }, row.scopes ?? []);
}

/** Columns with their parameters, which are numbered after those of `first`. */
function bound(of: Readonly<Record<string, Bound>>, first: readonly Value[]) {
  const entries = Object.values(of);
  return {
    columns: Object.keys(of),
    parameters: entries.map(({ sql }, index) => sql(`$${first.length + index + 1}`)),
    values: [...first, ...entries.map(({ value }) => value)],
  };
}
