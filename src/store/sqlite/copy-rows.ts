import { COPY_NOTE, type CopiedTable } from '../copy/copied-tables.ts';
import { type Cell, PAGE, type Row, type RowChange } from '../copy/copy-side.ts';
import { keyOf } from '../copy/row-key.ts';
import type { Driver, DriverStatement } from './driver.ts';

/** Rows of whole tables, read and written in pages. Throws errors of the driver. */
export interface CopyRows {
  count(table: CopiedTable): number;
  page(table: CopiedTable, after: Row | undefined): readonly Row[];
  find(table: CopiedTable, rows: readonly Row[]): readonly Row[];
  /** For work inside a transaction. */
  change(table: CopiedTable, change: RowChange): void;
}

export function copyRows(driver: Driver): CopyRows {
  const statements = new Map<string, DriverStatement>();
  const statement = (sql: string) => {
    let prepared = statements.get(sql);
    if (prepared === undefined) {
      prepared = driver.prepare(sql);
      statements.set(sql, prepared);
    }
    return prepared;
  };
  /** Rows come as arrays. */
  const reading = (sql: string) => statement(sql).raw(true);

  return {
    count: (table) =>
      Number(
        statement(`SELECT count(*) FROM ${table.name}${only(table)}`)
          .pluck()
          .get(),
      ),

    page(table, after) {
      const sql = after ? NEXT(table) : FIRST(table);
      const rows: Row[] = [];
      let bytes = 0;
      for (const found of reading(sql).iterate(...(after ? keyOf(table, after) : []))) {
        const row = canonical(table, found as Cell[]);
        bytes += sizeOf(row);
        if (rows.length > 0 && bytes > PAGE.bytes) break;
        rows.push(row);
      }
      return rows;
    },

    find(table, rows) {
      const one = reading(`SELECT ${columnsOf(table)} FROM ${table.name} WHERE ${keyIs(table)}`);
      const found = rows.map((row) => one.get(...keyOf(table, row)) as Cell[] | undefined);
      return found.filter((row) => row !== undefined).map((row) => canonical(table, row));
    },

    change(table, { remove = [], put = [] }) {
      const away = `DELETE FROM ${table.name} WHERE ${keyIs(table)}`;
      for (const row of remove) statement(away).run(...keyOf(table, row));
      for (const row of put) statement(PUT(table)).run(...row);
    },
  };
}

const columnsOf = ({ columns }: CopiedTable) => Object.keys(columns).join(', ');

/** The note of the copy itself is none of its rows. */
const only = ({ name }: CopiedTable) => (name === 'meta' ? ` WHERE name <> '${COPY_NOTE}'` : '');

const keyIs = ({ key }: CopiedTable) => key.map((name) => `${name} = ?`).join(' AND ');

const FIRST = (table: CopiedTable) =>
  `SELECT ${columnsOf(table)} FROM ${table.name}${only(table)} ORDER BY ${table.key.join(', ')} LIMIT ${PAGE.rows}`;

const NEXT = (table: CopiedTable) => `
SELECT ${columnsOf(table)} FROM ${table.name} ${only(table) || 'WHERE true'} AND (${table.key.join(', ')}) > (${table.key.map(() => '?').join(', ')})
ORDER BY ${table.key.join(', ')} LIMIT ${PAGE.rows}`;

function PUT(table: CopiedTable): string {
  const names = Object.keys(table.columns);
  const others = names.filter((name) => !table.key.includes(name)).map((name) => `${name} = excluded.${name}`);
  return `INSERT INTO ${table.name} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
ON CONFLICT (${table.key.join(', ')}) DO ${others.length > 0 ? `UPDATE SET ${others.join(', ')}` : 'NOTHING'}`;
}

/** Lists of words are compared by what they say, however they were written. */
function canonical({ columns }: CopiedTable, row: Cell[]): Row {
  Object.values(columns).forEach((kind, place) => {
    const cell = row[place];
    if (kind === 'names' && typeof cell === 'string') row[place] = JSON.stringify(JSON.parse(cell));
  });
  return row;
}

/** Bytes, roughly: text is taken for ASCII. */
function sizeOf(row: Row): number {
  let size = 0;
  for (const cell of row) if (typeof cell === 'string' || cell instanceof Uint8Array) size += cell.length;
  return size;
}
