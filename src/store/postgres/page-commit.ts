import { isLwiError, LwiError } from '../../errors.ts';
import type { PageCommit, PageCounts, SyncTables } from '../sync-tables.ts';
import type { PostgresDatabase, Queries } from './database.ts';
import { assertHeld, type Hold } from './holds.ts';
import type { MachineTime } from './machine-time.ts';
import type { Patience } from './patience.ts';
import { writeRecords } from './records.ts';
import { noteSeen } from './seen.ts';
import { setAside } from './set-aside.ts';
import type { SyncRights } from './sync-hold.ts';
import { targetValues } from './target-values.ts';

/** An interrupted window keeps the watermark of the last finished one; a finished one has nothing to go on with. */
const moveCursor = (shift: string) => `
INSERT INTO sync_cursors (account_id, provider, external_id, entity, watermark, resume, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7::bigint + ${shift})
ON CONFLICT (account_id, provider, external_id, entity) DO UPDATE SET
  watermark = coalesce(excluded.watermark, sync_cursors.watermark), resume = excluded.resume, updated_at = excluded.updated_at`;

const COUNT = `
UPDATE sync_runs SET pages = pages + 1, upserted = upserted + $2, unchanged = unchanged + $3, deleted = deleted + $4,
  rejected = rejected + $5, last_page = $6, last_upserted = $2, last_deleted = $4 WHERE run = $1`;

/** Whoever still writes this page is waited for, and then what he wrote is seen. */
const LAST_PAGE = `
SELECT last_page = $2 AS same, last_upserted AS upserted, last_deleted AS deleted FROM sync_runs WHERE run = $1 FOR UPDATE`;

/**
 * Commits pages, each in one transaction. Those of a sync are bound to the right to sync, where this process has taken it: who has lost it is refused with
 * STORE_LOCKED. The holder of the right waits for a database that is away, for a while: each page has a name of its own, so that one whose answer was lost is
 * known again and counts once.
 */
export function committer(
  db: PostgresDatabase,
  time: MachineTime,
  { rights, patience }: { readonly rights: Pick<SyncRights, 'of' | 'bound'>; readonly patience: Patience },
): SyncTables['commitPage'] {
  return async (page) => {
    const hold = page.progress || rights.bound(page.run) ? rights.of(page.target) : undefined;
    const name = process.getBuiltinModule('node:crypto').randomUUID();
    const attempt = async (again: boolean) => {
      if (hold && !(await hold.keep())) throw lost();
      return db.write(
        async (tx) => (again && (await stored(tx, page, name))) || commit(tx, page, { time, name, hold }),
      );
    };
    return hold ? patience.through(attempt, passes) : attempt(false);
  };
}

/** A lock that the server still has for the session that broke is free in a moment. */
function passes(error: unknown, again: boolean): boolean {
  return isLwiError(error, 'STORE_AWAY') || (again && isLwiError(error, 'STORE_LOCKED') && error.cause !== undefined);
}

async function commit(
  tx: Queries,
  page: PageCommit,
  { time, name, hold }: { readonly time: MachineTime; readonly name: string; readonly hold: Hold | undefined },
): Promise<PageCounts> {
  const { target, entity, progress, run, records, rejected } = page;
  if (hold) await assertHeld(tx, hold);
  const counts = await writeRecords(tx, time, page);
  if (page.seen && records.length > 0) await noteSeen(tx, page);
  await setAside(tx, page);
  if (progress) {
    const resume = 'resume' in progress ? JSON.stringify(progress.resume) : null;
    // Rounded down: a cursor that is too early reads a record twice, one that is too late misses it.
    const watermark = 'watermark' in progress ? Math.floor(progress.watermark) : null;
    const values = [...targetValues(target), entity, watermark, resume, Math.floor(page.at), ...time.values()];
    await tx.run(moveCursor(time.shift(8)), values);
  }
  const { upserted, unchanged, deleted } = counts;
  await tx.run(COUNT, [run, upserted, unchanged, deleted, rejected.length, name]);
  return counts;
}

/** What a page did that was stored already, though nobody heard of it. */
async function stored(tx: Queries, { run, records }: PageCommit, name: string): Promise<PageCounts | undefined> {
  const row = await tx.row<Omit<PageCounts, 'unchanged'> & { same: boolean | null }>(LAST_PAGE, [run, name]);
  if (!row?.same) return undefined;
  const { upserted, deleted } = row;
  return { upserted, unchanged: records.length - upserted - deleted, deleted };
}

const lost = () =>
  new LwiError(
    'STORE_LOCKED',
    'Another process has taken over the sync of this connection meanwhile. Nothing was stored.',
  );
