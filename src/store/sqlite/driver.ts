import Sqlite from 'better-sqlite3';

/** A connection to a database. Its work is synchronous; its errors have a result code of SQLite as `code`. */
export type Driver = Sqlite.Database;

/** A statement that a connection has prepared. */
export type DriverStatement = Sqlite.Statement;

/** Opens the file `database`, or the database that these bytes are. Throws errors of the driver. */
export function openDriver(database: string | Buffer, options: Sqlite.Options): Driver {
  return new Sqlite(database, options);
}

/** Whether `error` says that another connection has what is needed now. */
export function isBusy(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY');
}
