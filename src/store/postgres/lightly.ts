/**
 * A condition for a statement by itself that need not wait until the disk has it, as `PostgresDatabase.writeLightly` for several: true, and the setting ends with
 * the statement (https://www.postgresql.org/docs/current/functions-admin.html, set_config). It stands beside one that only rows to be written fulfil.
 */
export const LIGHTLY = `(SELECT set_config('synchronous_commit', 'off', true)) = 'off'`;
