import type { Queries } from './database.ts';

/**
 * Statements that make the tables of the jobs, or bring them up to date. They have a version of their own, that of pg-boss, whose SQL it is. Only for whoever
 * alone changes the schema.
 */
export async function jobSchemaSql(tx: Queries): Promise<readonly string[]> {
  const { JOB_SCHEMA_VERSION, jobTables } = await import('../../jobs/pg-boss/boss.ts');
  const version = await jobSchemaVersion(tx);
  return version === undefined || version < JOB_SCHEMA_VERSION ? [jobTables(version)] : [];
}

/** Undefined: there are no such tables. */
async function jobSchemaVersion(tx: Queries): Promise<number | undefined> {
  const there = await tx.row<{ there: boolean }>("SELECT to_regclass('lwi_jobs.version') IS NOT NULL AS there");
  if (!there?.there) return undefined;
  return (await tx.row<{ version: number }>('SELECT version FROM lwi_jobs.version'))?.version;
}
