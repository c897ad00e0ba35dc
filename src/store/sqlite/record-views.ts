import type { RecordView } from '../../providers/record-view.ts';
import type { RecordTables } from '../record-tables.ts';
import type { SqliteDatabase } from './database.ts';

/** What has a name in the database. The text of a view is kept as it was written, with its comment. */
interface Named {
  readonly name: string;
  readonly sql: string | null;
}

const NAMED = 'SELECT name, sql FROM sqlite_schema';

/** Marks a view as made by lwi; people may make views of their own. */
const MARK = '/* made by lwi, which replaces it: records of ';
const markOf = (provider: string) => `${MARK}${provider} */`;

/** Views over the table `records`, one for each stream. They hold nothing themselves. */
export function recordViews(db: SqliteDatabase): Pick<RecordTables, 'keepViews'> {
  return {
    keepViews: async (provider, views) => {
      const wanted = new Map(views.map((view) => [view.name.toLowerCase(), viewSql(view)]));
      const changes = () => neededChanges(db.statement<Named>(NAMED).all(), provider, wanted);
      if ((await db.read(changes)).length === 0) return undefined;
      await db.write(() => {
        for (const sql of changes()) db.statement(sql).run();
      });
      return undefined;
    },
  };
}

/** Names are compared as SQLite compares them, without case. */
function neededChanges(there: readonly Named[], provider: string, wanted: ReadonlyMap<string, string>): string[] {
  const own = there.filter(({ sql }) => sql?.includes(markOf(provider)));
  const stale = own.filter(({ name, sql }) => wanted.get(name.toLowerCase()) !== sql);
  const kept = new Set(there.filter((each) => !stale.includes(each)).map(({ name }) => name.toLowerCase()));
  return [
    ...stale.map(({ name }) => `DROP VIEW ${quotedName(name)}`),
    ...[...wanted].filter(([name]) => !kept.has(name)).map(([, sql]) => sql),
  ];
}

/**
 * The constraint on the account is always true: with it SQLite goes through the keys of the table, which are short, and reads only the rows that the
 * view has. JSON that SQLite cannot read (nested deeper than 1000) gives empty columns in place of an error that would end the whole query.
 */
function viewSql({ name, provider, entity, columns }: RecordView): string {
  const own = Object.entries(columns).map(([column, path]) => `  ${valueAt(path)} AS ${quotedName(column)},\n`);
  return `CREATE VIEW ${quotedName(name)} AS ${markOf(provider)}
SELECT account_id AS account, external_id AS company, id,
${own.join('')}  ${isoTime('updated_at')} AS updated_at, ${isoTime('stored_at')} AS stored_at, data
FROM records WHERE account_id >= '' AND provider = ${quotedText(provider)} AND entity = ${quotedText(entity)} AND deleted = 0`;
}

/** A step in digits is a place in a list, or a member of that name. */
function valueAt(path: string): string {
  const steps = path === '' ? [] : path.split('.');
  const member = steps.map((step) => `.${JSON.stringify(step)}`).join('');
  const place = steps.map((step) => (/^\d{1,9}$/.test(step) ? `[${step}]` : `.${JSON.stringify(step)}`)).join('');
  const extracted = [...new Set([place, member])].map(
    (each) => `json_extract(${JSON_DATA}, ${quotedText(`$${each}`)})`,
  );
  return extracted.length === 1 ? extracted.join() : `coalesce(${extracted.join(', ')})`;
}

const JSON_DATA = 'iif(json_valid(data), data, NULL)';

/** ISO 8601 UTC in ms, like everywhere in lwi. */
const isoTime = (column: string) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch')`;

const quotedName = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** A NUL would end the statement. JSON has none: it is written as an escape there. */
const quotedText = (text: string) => `'${text.replaceAll('\0', '').replaceAll("'", "''")}'`;

/** The driver as far as it is needed here. */
interface Target {
  exec(sql: string): unknown;
  prepare(sql: string): { all(): unknown[] };
}

/**
 * Drops the views that lwi made, of all providers, because a migration could not change a table that one of them reads. The function that is returned makes
 * them again. For work inside a transaction.
 */
export function takeViewsDown(target: Target): () => void {
  const named = () => target.prepare(NAMED).all() as Named[];
  const own = named().filter(({ sql }) => sql?.startsWith('CREATE VIEW') && sql.includes(MARK));
  for (const { name } of own) target.exec(`DROP VIEW ${quotedName(name)}`);
  return () => {
    const taken = new Set(named().map(({ name }) => name.toLowerCase()));
    for (const { name, sql } of own) if (sql && !taken.has(name.toLowerCase())) target.exec(sql);
  };
}
