import type { Queries } from './database.ts';
import { JOBS_SCHEMA } from './grants.ts';

/**
 * What makes the tables of the jobs, or brings them up to date; empty: nothing is to be done. They have a version of their own, that of pg-boss, whose SQL it is.
 */
export async function jobChanges(tx: Queries): Promise<string> {
  const { JOB_SCHEMA_VERSION, jobTables } = await import('../../jobs/pg-boss/boss.ts');
  const version = await jobSchemaVersion(tx);
  return version === undefined || version < JOB_SCHEMA_VERSION ? jobTables(version) : '';
}

/** Undefined: there are no such tables. */
async function jobSchemaVersion(tx: Queries): Promise<number | undefined> {
  const there = await tx.row<{ there: boolean }>(`SELECT to_regclass('${JOBS_SCHEMA}.version') IS NOT NULL AS there`);
  if (!there?.there) return undefined;
  return (await tx.row<{ version: number }>(`SELECT version FROM ${JOBS_SCHEMA}.version`))?.version;
}
