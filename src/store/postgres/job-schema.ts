import type { Queries } from './database.ts';

/**
 * Makes the tables of the jobs, or brings them up to date, within a transaction that alone changes the schema. They have a version of their own, that of pg-boss,
 * whose SQL it is.
 */
export async function migrateJobs(tx: Queries): Promise<void> {
  const { JOB_SCHEMA_VERSION, jobTables } = await import('../../jobs/pg-boss/boss.ts');
  const version = await jobSchemaVersion(tx);
  if (version === undefined || version < JOB_SCHEMA_VERSION) await tx.script(jobTables(version));
}

/** Undefined: there are no such tables. */
async function jobSchemaVersion(tx: Queries): Promise<number | undefined> {
  const there = await tx.row<{ there: boolean }>("SELECT to_regclass('lwi_jobs.version') IS NOT NULL AS there");
  if (!there?.there) return undefined;
  return (await tx.row<{ version: number }>('SELECT version FROM lwi_jobs.version'))?.version;
}
