import { statSync } from 'node:fs';
import type { Store } from '../store.ts';
import type { SqliteDatabase } from './database.ts';

/** How many problems are told; one page that is gone makes thousands. */
const MOST_PROBLEMS = 5;

/** Tells what is wrong by table, row and index, never by content (https://www.sqlite.org/pragma.html#pragma_integrity_check). */
const METHOD = 'integrity_check';

/** Without these nothing works; they stay small, whatever is synced. */
const VITAL = ['meta', 'oauth_tokens', 'secrets', 'leases'];

/** The database as a whole, as `lwi doctor` sees it. */
export function databaseExamination(db: SqliteDatabase): Pick<Store, 'examine'> {
  const number = (pragma: string) => Number(db.statement<Record<string, unknown>>(`PRAGMA ${pragma}`).get()?.[pragma]);
  return {
    examine: async (most = Infinity) => {
      // Takes the lock and writes nothing: whether anybody could.
      await db.write(() => undefined);
      return db.read(() => {
        const page = number('page_size');
        const sizeBytes = number('page_count') * page;
        const looked = (what: string | number) =>
          db.statement<Record<string, string>>(`PRAGMA ${METHOD}(${what})`).all();
        const said = (sizeBytes > most ? VITAL : [MOST_PROBLEMS]).flatMap((what) =>
          looked(what).map((row) => row[METHOD] ?? ''),
        );
        return {
          engine: `SQLite ${db.statement<{ version: string }>('SELECT sqlite_version() AS version').get()?.version}`,
          ...{ method: METHOD, problems: said.filter((line) => line !== 'ok'), schemaVersion: number('user_version') },
          ...{ sizeBytes, freeBytes: number('freelist_count') * page },
          logBytes: statSync(`${db.path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
        };
      });
    },
  };
}
