/**
 * The time of everything that several machines must agree on: that of the database, ms since the epoch, whatever the clocks of the machines say. `$n` is the
 * parameter that takes `sample()`: NULL, or the time of a test.
 */
export interface DatabaseClock {
  /** SQL for the time; of the present moment, not of the beginning of the transaction. */
  sql(parameter: number): string;
  /** SQL for when the server was started, on the same clock; NULL under the time of a test. */
  startedSql(parameter: number): string;
  sample(): number | null;
}

/** `now`: the time of a test, ms since the epoch; absent: the server's own. */
export function databaseClock(now?: () => number): DatabaseClock {
  return {
    sql: (parameter) => `coalesce($${parameter}::float8, extract(epoch FROM clock_timestamp())::float8 * 1000)`,
    startedSql: (parameter) =>
      `CASE WHEN $${parameter}::float8 IS NULL THEN extract(epoch FROM pg_postmaster_start_time())::float8 * 1000 END`,
    sample: () => now?.() ?? null,
  };
}
