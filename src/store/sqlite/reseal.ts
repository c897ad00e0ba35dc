import { bytes } from '../connection-row.ts';
import { SEALED_TABLES, type SealedTable } from '../sealed-tables.ts';
import type { SealedPlace, Store } from '../store.ts';
import type { SqliteDatabase, Value } from './database.ts';
import { replaceClaimedKey } from './meta.ts';

const LEFT = 'Another process reads the database: the old ciphertexts stay in its log until it has ended.';

type Change = (envelope: Uint8Array, place: SealedPlace) => Uint8Array;

type Row = { readonly at: number; readonly account_id: string; readonly provider: string; readonly row: string } & {
  readonly [column: string]: Value;
};

/**
 * Everything sealed anew under another key. The old ciphertexts do not stay behind: content that SQLite frees is zeroed
 * (https://www.sqlite.org/pragma.html#pragma_secure_delete), the tables and the free pages are written over, and the write-ahead
 * log is emptied (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint). What the file system or a disk keeps is out of reach.
 */
export function resealing(db: SqliteDatabase): Pick<Store, 'reseal'> {
  return {
    reseal: async (from, to, change) => {
      // Takes effect for this connection when it is prepared, and stays.
      await db.read(() => db.statement('PRAGMA secure_delete = ON').get());
      const count = await db.write(() => {
        if (!replaceClaimedKey(db, from, to)) return undefined;
        const counts = SEALED_TABLES.map((sealed) => resealTable(db, sealed, change));
        for (const { table } of SEALED_TABLES) rewrite(db, table);
        eraseFreePages(db);
        return counts.reduce((sum, one) => sum + one, 0);
      });
      // The change is durable, whatever becomes of the log.
      if (count === undefined) return undefined;
      const erased = await db.checkpoint('TRUNCATE').catch(() => false);
      return erased ? { count, erased } : { count, erased, left: LEFT };
    },
  };
}

function resealTable(db: SqliteDatabase, { table, row: rowColumn, columns }: SealedTable, change: Change): number {
  const names = Object.keys(columns);
  const rows = db
    .statement<Row>(
      `SELECT rowid AS at, account_id, provider, ${rowColumn} AS row, ${names.join(', ')} FROM ${table} ORDER BY rowid`,
    )
    .all();
  let count = 0;
  for (const row of rows) {
    for (const [name, column] of Object.entries(columns)) {
      const envelope = row[name];
      if (!(envelope instanceof Uint8Array)) continue;
      const place = { account: row.account_id, provider: row.provider, column, row: row.row };
      db.statement(`UPDATE ${table} SET ${name} = ? WHERE rowid = ?`).run(change(bytes(envelope), place), row.at);
      count++;
    }
  }
  return count;
}

/** Puts a table aside and back: pages that are freed whole are zeroed whole, with what earlier changes left between the rows. */
function rewrite(db: SqliteDatabase, table: string): void {
  db.statement(`CREATE TABLE aside AS SELECT * FROM ${table}`).run();
  db.statement(`DELETE FROM ${table}`).run();
  db.statement(`INSERT INTO ${table} SELECT * FROM aside`).run();
  db.statement('DROP TABLE aside').run();
}

/** Fills every free page of the file with zeros: tokens that were replaced long ago may lie in them. */
function eraseFreePages(db: SqliteDatabase): void {
  db.statement('CREATE TABLE aside (filler BLOB)').run();
  // One row fills one page: a leaf of a table takes a row of up to its size less 35 bytes (https://www.sqlite.org/fileformat2.html).
  db.statement(`
    WITH RECURSIVE free (page) AS (
      SELECT freelist_count FROM pragma_freelist_count WHERE freelist_count > 0
      UNION ALL SELECT page - 1 FROM free WHERE page > 1
    )
    INSERT INTO aside SELECT zeroblob((SELECT page_size - 50 FROM pragma_page_size)) FROM free`).run();
  db.statement('DROP TABLE aside').run();
}
