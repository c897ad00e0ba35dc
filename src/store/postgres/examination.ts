import { LwiError } from '../../errors.ts';
import type { Store } from '../store.ts';
import { SCHEMA } from './connection-url.ts';
import type { PostgresDatabase, Queries } from './database.ts';
import { quotedName } from './quoting.ts';
import { readSchemaVersion } from './schema-version.ts';

interface Facts {
  readonly version: string;
  readonly sizeBytes: number;
  readonly invalid: readonly string[];
  readonly checksumFailures: number;
  /** Tables that this role may not write. */
  readonly unwritable: readonly string[];
  readonly amcheck: string | null;
}

/** How many problems are told. */
const MOST_PROBLEMS = 5;

const TABLES = `SELECT oid, relname FROM pg_class WHERE relnamespace = '${SCHEMA}'::regnamespace AND relkind = 'r'`;

/** Names of tables and indexes, and numbers: nothing of the content. Size with indexes and TOAST, in bytes. */
const FACTS = `
WITH tables AS (${TABLES}),
indexes AS (SELECT x.* FROM pg_index AS x JOIN tables ON tables.oid = x.indrelid)
SELECT current_setting('server_version') AS version,
  (SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM tables) AS "sizeBytes",
  ARRAY(SELECT indexrelid::regclass::text FROM indexes WHERE NOT (indisvalid AND indisready)) AS invalid,
  (SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()) AS "checksumFailures",
  ARRAY(SELECT relname::text FROM tables WHERE relname <> 'schema_version'
    AND NOT (has_table_privilege(oid, 'INSERT') AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE'))) AS unwritable,
  (SELECT nspname::text FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'amcheck') AS amcheck`;

const BTREES = `
SELECT x.indexrelid::bigint AS oid, x.indexrelid::regclass::text AS name FROM pg_index AS x
JOIN (${TABLES}) AS tables ON tables.oid = x.indrelid JOIN pg_class AS c ON c.oid = x.indexrelid JOIN pg_am AS m ON m.oid = c.relam
WHERE m.amname = 'btree' AND x.indisvalid AND x.indisready ORDER BY 2`;

/**
 * The schema of lwi in its database, as `lwi doctor` sees it. What the server knows by itself is told: indexes that are not valid, blocks whose checksums were
 * wrong. Trees are walked where the extension amcheck is installed and this role may use it (https://www.postgresql.org/docs/current/amcheck.html).
 */
export function databaseExamination(db: PostgresDatabase): Pick<Store, 'examine'> {
  return {
    examine: async (most = Infinity) => {
      // A number for a transaction is given to those only that can write: not on a standby, and not where everything is read-only.
      await db.row('SELECT pg_current_xact_id()::text AS id');
      const facts = await db.row<Facts>(FACTS);
      if (!facts) throw new LwiError('STORE_DAMAGED', `${db.place}: the server tells nothing of the database`);
      const { version, sizeBytes, invalid, checksumFailures, unwritable, amcheck } = facts;
      if (unwritable.length > 0) {
        const message = `${db.place}: this role cannot write ${unwritable.slice(0, MOST_PROBLEMS).join(', ')}`;
        throw new LwiError('STORE_READONLY', message, {
          hint: `Run \`lwi store migrate\` as the owner of the schema, or grant this role INSERT, UPDATE and DELETE on the tables of ${SCHEMA}.`,
        });
      }
      const walked = amcheck !== null && sizeBytes <= most ? await walkTrees(db, amcheck) : undefined;
      const problems = [
        ...invalid.map((index) => `index ${index} is not valid`),
        ...(checksumFailures > 0 ? [`${checksumFailures} blocks of the database had wrong checksums`] : []),
        ...(walked ?? []),
      ];
      return {
        // Debian adds the version of its package.
        engine: `PostgreSQL ${version.split(' ')[0]}`,
        method: walked ? 'amcheck' : 'catalog',
        problems: problems.slice(0, MOST_PROBLEMS),
        schemaVersion: (await readSchemaVersion(db, db.place))?.version ?? 0,
        sizeBytes,
        // Both belong to the server.
        ...{ freeBytes: 0, logBytes: 0 },
      };
    },
  };
}

/** What is wrong with the indexes, by their names; undefined where this role may not look. */
async function walkTrees(db: Queries, schema: string): Promise<string[] | undefined> {
  const problems: string[] = [];
  for (const { oid, name } of await db.rows<{ oid: number; name: string }>(BTREES)) {
    try {
      await db.row(`SELECT ${quotedName(schema)}.bt_index_check($1::oid)`, [oid]);
    } catch (error) {
      if (!(error instanceof LwiError)) throw error;
      if (error.code === 'STORE_READONLY') return undefined;
      if (error.code !== 'STORE_DAMAGED') throw error;
      problems.push(`index ${name} is damaged`);
    }
  }
  return problems;
}
