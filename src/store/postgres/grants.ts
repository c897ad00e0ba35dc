import { LwiError } from '../../errors.ts';
import { SCHEMA } from './connection-url.ts';
import type { Queries } from './database.ts';

/** Where the working role makes views of records, and nothing else is. */
export const VIEWS_SCHEMA = 'lwi_views';
/** Where the queue of jobs has its tables. */
export const JOBS_SCHEMA = 'lwi_jobs';

const ROLES = `
SELECT rolname AS name FROM pg_roles
WHERE rolname = ANY($1::text[]) OR oid IN (
  SELECT grantee FROM pg_namespace, aclexplode(nspacl)
  WHERE nspname = '${SCHEMA}' AND privilege_type = 'USAGE' AND grantee <> nspowner
)
ORDER BY rolname`;

/** Those who are to work with the tables: the roles of `wanted`, and all that did so before. Throws USAGE for a role that is not there. */
export async function workingRoles(tx: Queries, wanted: readonly string[]): Promise<readonly string[]> {
  const roles = (await tx.rows<{ name: string }>(ROLES, [wanted])).map(({ name }) => name);
  const missing = wanted.find((name) => !roles.includes(name));
  if (missing === undefined) return roles;
  throw new LwiError('USAGE', `There is no role ${missing} in this database.`, {
    hint: 'Make it first: `CREATE ROLE … LOGIN PASSWORD …` in psql.',
  });
}

/**
 * All that the work needs, and no more: rows of lwi's tables are read and changed, their numbers go on behind those of a copy, views are made in a schema of their own; no table is made, changed,
 * emptied or dropped, and no version is noted.
 */
export function grants(role: string): string {
  const to = `TO ${quoted(role)}`;
  const use = (schema: string) => `
GRANT USAGE ON SCHEMA ${schema} ${to};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} ${to};
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA ${schema} ${to};`;
  return `${use(SCHEMA)}
REVOKE INSERT, UPDATE, DELETE ON ${SCHEMA}.schema_version FROM ${quoted(role)};
GRANT USAGE, CREATE ON SCHEMA ${VIEWS_SCHEMA} ${to};${use(JOBS_SCHEMA)}
`;
}

/** A name as SQL has it (https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS). */
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
