import { isLwiError } from '../../errors.ts';
import type { RecordTables } from '../record-tables.ts';
import type { PostgresDatabase, Queries } from './database.ts';
import { VIEWS_SCHEMA } from './grants.ts';
import { quotedName, quotedText } from './quoting.ts';
import { viewName, viewSql } from './view-sql.ts';

/** What has a name in the schema, and what its comment says. */
interface Named {
  readonly name: string;
  readonly comment: string | null;
}

/** Types are there for all that has columns: tables and views, of whomever. */
const NAMED = `
SELECT relname AS name, obj_description(oid, 'pg_class') AS comment FROM pg_class
WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'v', 'm', 'f', 'p', 'S', 'i', 'c')`;

/** Processes that would make the same views make them one after the other. */
const ALONE = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';

/**
 * Marks a view as made by lwi; people may make views of their own. The server does not keep the words of a view, so that the comment has a sum of them.
 */
const markOf = (provider: string) => `made by lwi, which replaces it: records of ${provider} /`;

/** Views over the table `records`, one for each stream. They hold nothing themselves. */
export function recordViews(db: PostgresDatabase): Pick<RecordTables, 'keepViews'> {
  const said = new Set<string>();
  /** A process that syncs again and again says it once. */
  const once = (why: string) => {
    const news = said.has(why) ? undefined : why;
    said.add(why);
    return news;
  };

  return {
    keepViews: async (provider, views) => {
      const { createHash } = process.getBuiltinModule('node:crypto');
      const wanted = new Map<string, View>();
      for (const view of views) {
        const name = viewName(view.name);
        const sql = viewSql(view);
        const sum = createHash('sha256').update(sql).digest('hex').slice(0, 16);
        wanted.set(name, { sql, comment: `${markOf(provider)} ${sum}` });
      }
      const changes = async (at: Queries) =>
        neededChanges(await at.rows<Named>(NAMED, [VIEWS_SCHEMA]), provider, wanted);
      try {
        if ((await changes(db)).length === 0) return undefined;
        await db.write(async (tx) => {
          await tx.row(ALONE, [VIEWS_SCHEMA]);
          for (const sql of await changes(tx)) await tx.script(sql);
        });
        return undefined;
      } catch (error) {
        // Whoever syncs needs no views; a database that is away he would notice by himself.
        if (isLwiError(error, 'STORE_AWAY')) throw error;
        return once(whyNot(error));
      }
    },
  };
}

interface View {
  readonly sql: string;
  readonly comment: string;
}

function neededChanges(there: readonly Named[], provider: string, wanted: ReadonlyMap<string, View>): string[] {
  const own = there.filter(({ comment }) => comment?.startsWith(markOf(provider)));
  const stale = own.filter(({ name, comment }) => wanted.get(name)?.comment !== comment);
  const kept = new Set(there.filter((each) => !stale.includes(each)).map(({ name }) => name));
  return [
    ...stale.map(({ name }) => `DROP VIEW ${placeOf(name)}`),
    ...[...wanted]
      .filter(([name]) => !kept.has(name))
      .flatMap(([name, { sql, comment }]) => [
        `CREATE VIEW ${placeOf(name)} AS ${sql}`,
        `COMMENT ON VIEW ${placeOf(name)} IS ${quotedText(comment)}`,
      ]),
  ];
}

const placeOf = (name: string) => `${VIEWS_SCHEMA}.${quotedName(name)}`;

/** The server says it in a few words. */
function whyNot(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const said = cause instanceof Error ? cause.message : String(cause);
  return `The views over the records in schema ${VIEWS_SCHEMA} could not be brought up to date (${said}). Records are stored all the same.`;
}
