import { COPY_NOTE, type CopiedTable } from '../copy/copied-tables.ts';
import { PAGE } from '../copy/copy-side.ts';
import { columnForms, FOLLOWING } from './copy-columns.ts';

/** How a cell of a table is read. */
const reading = (table: CopiedTable) =>
  new Map(columnForms(table).map(([name, form]) => [name, form.read(`t.${name}`)]));

const keyReads = (table: CopiedTable) => table.key.map((name) => reading(table).get(name) ?? name);

const cells = (table: CopiedTable) => [...reading(table)].map(([name, sql]) => `${sql} AS ${name}`).join(', ');

/** The note of the copy itself is none of its rows. */
const own = ({ name }: CopiedTable) => (name === 'meta' ? `t.name <> '${COPY_NOTE}'` : 'true');

export const countOf = (table: CopiedTable) => `SELECT count(*) AS count FROM ${table.name} AS t WHERE ${own(table)}`;

/**
 * A page of rows whose keys follow those that are bound, if any: what is longer than a page of bytes is left to the next one, after the first row. Lengths are
 * known without reading what is long (https://www.postgresql.org/docs/current/storage-toast.html).
 */
export function pageOf(table: CopiedTable, follows: boolean): string {
  const keys = table.key.join(', ');
  const long = columnForms(table).filter(([, , kind]) => kind !== 'number' && kind !== 'moment' && kind !== 'names');
  const size = long.map(([name]) => `coalesce(octet_length(${lengthOf(table, name)}), 0)`).join(' + ') || '0';
  const from = keyReads(table).join(', ');
  const bound = table.key.map((name, index) => `$${index + 1}::${typeOf(table, name)}`).join(', ');
  return `
SELECT ${Object.keys(table.columns).join(', ')} FROM (
  SELECT p.*, sum(size) OVER (ORDER BY ${keys} ROWS UNBOUNDED PRECEDING) - size AS before FROM (
    SELECT ${cells(table)}, ${size} AS size FROM ${table.name} AS t
    WHERE ${own(table)}${follows ? ` AND (${from}) > (${bound})` : ''} ORDER BY ${from} LIMIT ${PAGE.rows}
  ) AS p
) AS w WHERE before < ${PAGE.bytes} ORDER BY ${keys}`;
}

const lengthOf = (table: CopiedTable, name: string) => {
  const kind = table.columns[name];
  return kind === 'bytes' ? `t.${name}` : `${reading(table).get(name)}`;
};

const typeOf = (table: CopiedTable, name: string) =>
  columnForms(table).find(([each]) => each === name)?.[1].type ?? 'text';

/** The rows that have the keys that are bound, a list for each column of the key. */
export function findOf(table: CopiedTable): string {
  return `SELECT ${cells(table)} FROM ${keysGiven(table)} JOIN ${table.name} AS t ON ${sameKey(table)}`;
}

export function removeOf(table: CopiedTable): string {
  return `DELETE FROM ${table.name} AS t USING ${keysGiven(table)} WHERE ${sameKey(table)}`;
}

const keysGiven = (table: CopiedTable) =>
  `unnest(${table.key.map((name, index) => `$${index + 1}::${typeOf(table, name)}[]`).join(', ')}) AS given (${table.key.join(', ')})`;

const sameKey = (table: CopiedTable) => {
  const reads = keyReads(table);
  return table.key.map((name, index) => `${reads[index]} = given.${name}`).join(' AND ');
};

/** Accounts that rows of oauth_tokens refer to, bound as a list of names. */
export const NAME_ACCOUNTS = `
INSERT INTO accounts (name) SELECT DISTINCT name FROM unnest($1::text[]) AS given (name) ORDER BY name ON CONFLICT (name) DO NOTHING`;

/**
 * Writes rows, bound as a list for each column; of a column of bytes all as one, then where each begins, counted from 1, and its length, because the elements
 * of a list are sent as text.
 */
export function putOf(table: CopiedTable): string {
  const lists: string[] = [];
  const given: string[] = [];
  const values: string[] = [];
  let parameter = 0;
  for (const [name, form, kind] of columnForms(table)) {
    if (kind === 'bytes') {
      const all = `$${++parameter}::bytea`;
      lists.push(`$${++parameter}::integer[]`, `$${++parameter}::integer[]`);
      given.push(`${name}_at`, `${name}_length`);
      // Without a length there is nothing: NULL.
      values.push(`substring(${all} FROM given.${name}_at FOR given.${name}_length)`);
    } else {
      lists.push(`$${++parameter}::${form.type}[]`);
      given.push(name);
      values.push(form.write(`given.${name}`));
    }
  }
  const following = Object.entries(FOLLOWING[table.name] ?? {});
  const columns = Object.keys(table.columns);
  const changed = columns.filter((name) => !table.key.includes(name)).map((name) => `${name} = excluded.${name}`);
  return `
INSERT INTO ${table.name} (${[...columns, ...following.map(([name]) => name)].join(', ')})
SELECT ${[...values, ...following.map(([, sql]) => sql)].join(', ')} FROM unnest(${lists.join(', ')}) AS given (${given.join(', ')})
ON CONFLICT (${table.key.join(', ')}) DO ${changed.length > 0 ? `UPDATE SET ${changed.join(', ')}` : 'NOTHING'}`;
}
