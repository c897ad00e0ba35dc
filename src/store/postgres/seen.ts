import type { PageCommit, SyncTables } from '../sync-tables.ts';
import type { DatabaseClock } from './clock.ts';
import type { PostgresDatabase, Queries } from './database.ts';
import { assertHeld } from './holds.ts';
import { fromStored, toStored } from './stored-text.ts';
import type { SyncRights } from './sync-hold.ts';
import { OF_TARGET, targetValues } from './target-values.ts';

const NOTE = `
INSERT INTO sync_seen (account_id, provider, external_id, entity, id)
SELECT $1, $2, $3, $4, given.id FROM unnest($5::text[]) AS given (id) ON CONFLICT DO NOTHING`;

const forget = (clock: DatabaseClock) => `
WITH gone AS (DELETE FROM sync_seen WHERE ${OF_TARGET} AND entity = $4) SELECT floor(${clock.sql(5)})::bigint AS at`;

const UNSEEN = (scope: string) => `
SELECT id FROM records WHERE ${OF_TARGET} AND entity = $4
  AND id > $5 AND id >= $6 AND ($7::text IS NULL OR id <= $7) AND deleted = 0 AND stored_at < $8 ${scope}
  AND NOT EXISTS (SELECT 1 FROM sync_seen AS seen WHERE seen.account_id = $1 AND seen.provider = $2
    AND seen.external_id = $3 AND seen.entity = $4 AND seen.id = records.id)
ORDER BY id LIMIT $9`;
/** By the index on scopes: a page may settle some hundred threads. */
const UNSEEN_IN_SCOPE = UNSEEN('AND scope = $10');
const UNSEEN_ANYWHERE = UNSEEN('');

/** Which records a window has seen, so that those it has not can be told: table `sync_seen`. */
export function seenTable(
  db: PostgresDatabase,
  clock: DatabaseClock,
  rights: Pick<SyncRights, 'of'>,
): Pick<SyncTables, 'unseen' | 'forgetSeen'> {
  return {
    unseen: async (target, entity, { range, before, after = '', limit }) => {
      const { scope, from = '', to } = range;
      const last = to === undefined ? null : toStored(to);
      const values = [...targetValues(target), entity, toStored(after), toStored(from), last, before, limit];
      const rows =
        scope === undefined
          ? await db.rows<{ id: string }>(UNSEEN_ANYWHERE, values)
          : await db.rows<{ id: string }>(UNSEEN_IN_SCOPE, [...values, toStored(scope)]);
      return rows.map(({ id }) => fromStored(id));
    },

    forgetSeen: async (target, entity) => {
      const hold = rights.of(target);
      return db.write(async (tx) => {
        // What another window has seen meanwhile would else count as gone.
        if (hold) await assertHeld(tx, hold);
        const values = [...targetValues(target), entity, clock.sample()];
        return (await tx.row<{ at: number }>(forget(clock), values))?.at;
      });
    },
  };
}

/** Notes the records of a page as seen, inside its transaction. */
export async function noteSeen(tx: Queries, { target, entity, records }: PageCommit): Promise<void> {
  const ids = [...new Set(records.map(({ id }) => toStored(id)))].sort();
  await tx.run(NOTE, [...targetValues(target), entity, ids]);
}
