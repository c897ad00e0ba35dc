import type { RecordView } from '../../providers/record-view.ts';
import { SCHEMA } from './connection-url.ts';
import { quotedName, quotedText } from './quoting.ts';

/** Longer names are cut by the server, silently: bytes (https://www.postgresql.org/docs/current/limits.html). */
const LONGEST_NAME = 63;

/** Nesting that deep needs at least twice as many characters. */
const SURELY_FLAT = 4000;

/**
 * The data as jsonb. Nearly all of it the server takes at once; what has an escape in it, or is long enough to be nested deep, goes through a function that
 * gives NULL in place of an error, which would end the whole query.
 */
const DATA = String.raw`CASE WHEN octet_length(records.data) < ${SURELY_FLAT} AND position(E'\\u' IN records.data) = 0
  THEN records.data::jsonb ELSE ${SCHEMA}.record_json(records.data) END`;

/** What is selected for a view. The data is read as JSON once for a row: OFFSET 0 keeps the server from doing it once for each column. */
export function viewSql({ provider, entity, columns }: RecordView): string {
  const own = Object.entries(columns).map(([column, path]) => `  ${valueAt(path)} AS ${quotedName(column)},\n`);
  return `SELECT records.account_id AS account, records.external_id AS company, records.id,
${own.join('')}  ${isoTime('updated_at')} AS updated_at, ${isoTime('stored_at')} AS stored_at, records.data
FROM ${SCHEMA}.records CROSS JOIN LATERAL (SELECT ${DATA} AS value OFFSET 0) AS json
WHERE records.provider = ${quotedText(provider)} AND records.entity = ${quotedText(entity)} AND records.deleted = 0`;
}

/** The name of a view, in so many bytes as the server keeps; a long one ends in a sum of all of it. */
export function viewName(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  const { createHash } = process.getBuiltinModule('node:crypto');
  const sum = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST_NAME - sum.length - 1)}_${sum}`;
}

/** Text, as it stands in the JSON. A step in digits is a place in a list, or a member of that name; what jsonb cannot hold is found nowhere. */
function valueAt(path: string): string {
  if (path.includes('\0') || !path.isWellFormed()) return 'NULL::text';
  const steps = path === '' ? [] : path.split('.');
  return `json.value #>> ARRAY[${steps.map(quotedText).join(', ')}]::text[]`;
}

/** ISO 8601 UTC in ms, like everywhere in lwi. */
const isoTime = (column: string) =>
  `to_char(to_timestamp(records.${column} / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
