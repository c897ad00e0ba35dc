import { LwiError } from '../../errors.ts';
import { SCHEMA } from './connection-url.ts';
import type { PostgresDatabase, Queries } from './database.ts';
import { LATEST_VERSION, MIGRATIONS } from './migrations.ts';

/** What a database says of its schema. */
export interface SchemaVersion {
  readonly version: number;
  /** The oldest version whose programs may use it. */
  readonly compatibleWith: number;
}

/** Any number that nobody else uses: whoever changes the schema waits for the others. */
const MIGRATION_LOCK = 0x6c776900;

/** The schema of the database; undefined when there is none. */
export async function readSchemaVersion(db: Queries): Promise<SchemaVersion | undefined> {
  const there = await db.row<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    `${SCHEMA}.schema_version`,
  ]);
  if (!there?.there) return undefined;
  return db.row<SchemaVersion>(
    `SELECT version, compatible_with AS "compatibleWith" FROM ${SCHEMA}.schema_version ORDER BY version DESC LIMIT 1`,
  );
}

/**
 * Refuses what this program cannot use. Throws STORE_TOO_NEW and STORE_OUTDATED.
 */
export function assertUsable({ version, compatibleWith }: SchemaVersion, place: string): void {
  if (version > LATEST_VERSION && compatibleWith > LATEST_VERSION) {
    throw new LwiError('STORE_TOO_NEW', `${place}: has schema ${version}, this lwi knows ${LATEST_VERSION}`);
  }
  if (version < LATEST_VERSION) {
    throw new LwiError('STORE_OUTDATED', `${place}: has schema ${version}, this lwi needs ${LATEST_VERSION}`);
  }
}

/** Brings the schema up to date, or makes it; several may do so at once. Gives the version that was there before; 0: none. */
export async function migrate(db: PostgresDatabase): Promise<number> {
  return db.write(async (tx) => {
    await tx.row('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const before = (await readSchemaVersion(tx))?.version ?? 0;
    if (before === 0) await tx.script(START);
    for (const [index, { sql, compatibleWith }] of MIGRATIONS.entries()) {
      if (index < before) continue;
      await tx.script(sql);
      const note = `INSERT INTO ${SCHEMA}.schema_version (version, compatible_with) VALUES ($1, $2)`;
      await tx.run(note, [index + 1, compatibleWith]);
    }
    const { migrateJobs } = await import('./job-schema.ts');
    await migrateJobs(tx);
    return before;
  });
}

const START = `
CREATE SCHEMA IF NOT EXISTS ${SCHEMA};
CREATE TABLE ${SCHEMA}.schema_version (
  version integer PRIMARY KEY,
  -- The oldest version whose programs may use it.
  compatible_with integer NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);
`;
