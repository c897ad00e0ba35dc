import { LwiError } from '../../errors.ts';
import { SCHEMA } from './connection-url.ts';
import type { Queries } from './database.ts';
import { quotedName } from './quoting.ts';

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

/** Whether a role of those wanted may do anything, or all that the owner may; where there is no schema yet, whoever makes it will be the owner. */
const MIGHTY = `
SELECT rolname AS name, rolsuper AS super FROM pg_roles
WHERE rolname = ANY($1::text[]) AND pg_has_role(oid, coalesce(
  (SELECT nspowner FROM pg_namespace WHERE nspname = '${SCHEMA}'), (SELECT oid FROM pg_roles WHERE rolname = current_user)), 'MEMBER')
ORDER BY rolname LIMIT 1`;

/** Those who are to work with the tables: the roles of `wanted`, and all that did so before. Throws USAGE for a role that is not there, or that may do more than work. */
export async function workingRoles(tx: Queries, wanted: readonly string[]): Promise<readonly string[]> {
  const roles = (await tx.rows<{ name: string }>(ROLES, [wanted])).map(({ name }) => name);
  const missing = wanted.find((name) => !roles.includes(name));
  if (missing !== undefined) {
    throw new LwiError('USAGE', `There is no role ${missing} in this database.`, {
      hint: 'Make it first: `CREATE ROLE … LOGIN PASSWORD …` in psql.',
    });
  }
  const mighty = await tx.row<{ name: string; super: boolean }>(MIGHTY, [wanted]);
  if (mighty === undefined) return roles;
  const what = mighty.super ? 'is a superuser' : 'owns the tables, or is a member of the role that does';
  throw new LwiError('USAGE', `${mighty.name} ${what}: it may do more than work with them, whatever is granted.`, {
    hint: 'Make a role that may do nothing else: `CREATE ROLE … LOGIN PASSWORD …` in psql, then grant to that.',
  });
}

/**
 * All that the work needs, and no more: rows of lwi's tables are read and changed, their numbers go on behind those of a copy, views are made in a schema of their own; no table is made, changed,
 * emptied or dropped, and no version is noted.
 */
export function grants(role: string): string {
  const to = `TO ${quotedName(role)}`;
  const use = (schema: string) => `
GRANT USAGE ON SCHEMA ${schema} ${to};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} ${to};
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA ${schema} ${to};`;
  return `${use(SCHEMA)}
REVOKE INSERT, UPDATE, DELETE ON ${SCHEMA}.schema_version FROM ${quotedName(role)};
GRANT USAGE, CREATE ON SCHEMA ${VIEWS_SCHEMA} ${to};${use(JOBS_SCHEMA)}
`;
}
