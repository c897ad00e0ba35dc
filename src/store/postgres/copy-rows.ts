import { LwiError } from '../../errors.ts';
import type { CopiedTable } from '../copy/copied-tables.ts';
import type { Cell, Row, RowChange } from '../copy/copy-side.ts';
import { keyOf } from '../copy/row-key.ts';
import { columnForms } from './copy-columns.ts';
import { countOf, findOf, NAME_ACCOUNTS, pageOf, putOf, removeOf } from './copy-statements.ts';
import type { Queries, Value } from './database.ts';

/** Rows of whole tables, read and written in pages. */
export interface CopyRows {
  count(table: CopiedTable): Promise<number>;
  page(table: CopiedTable, after: Row | undefined): Promise<readonly Row[]>;
  find(table: CopiedTable, rows: readonly Row[]): Promise<readonly Row[]>;
  /** For work inside a transaction. Throws INPUT_INVALID for what the tables cannot take. */
  change(table: CopiedTable, change: RowChange): Promise<void>;
}

type Found = Readonly<Record<string, unknown>>;

export function copyRows(db: Queries): CopyRows {
  return {
    count: async (table) => (await db.row<{ count: number }>(countOf(table)))?.count ?? 0,

    async page(table, after) {
      const values = after ? keyLists(table, [after]).map(([cell]) => cell ?? null) : [];
      return (await db.rows<Found>(pageOf(table, after !== undefined), values)).map((row) => toRow(table, row));
    },

    find: async (table, rows) =>
      (await db.rows<Found>(findOf(table), keyLists(table, rows))).map((row) => toRow(table, row)),

    async change(table, { remove = [], put = [] }) {
      try {
        if (remove.length > 0) await db.run(removeOf(table), keyLists(table, remove));
        if (put.length === 0) return;
        const place = Object.values(table.columns).indexOf('account');
        if (place >= 0) await db.run(NAME_ACCOUNTS, [put.map((row) => row[place] as string)]);
        await db.run(putOf(table), putValues(table, put));
      } catch (error) {
        throw unfit(table, error);
      }
    },
  };
}

function toRow(table: CopiedTable, found: Found): Row {
  return columnForms(table).map(([name, form]) => form.cell(found[name] ?? null));
}

type Bound = Exclude<Value, undefined | readonly unknown[]>;

function keyLists(table: CopiedTable, rows: readonly Row[]): readonly Bound[][] {
  const forms = new Map(columnForms(table).map(([name, form]) => [name, form]));
  const keys = rows.map((row) => keyOf(table, row));
  return table.key.map((name, place) => keys.map((key) => forms.get(name)?.bind(key[place] ?? null) ?? null));
}

function putValues(table: CopiedTable, rows: readonly Row[]): readonly Value[] {
  return columnForms(table).flatMap(([, form, kind], place): readonly Value[] => {
    const column = rows.map((row) => row[place] ?? null);
    return kind === 'bytes' ? joined(column) : [column.map(form.bind)];
  });
}

/** All bytes as one, where each begins, and their lengths. */
function joined(column: readonly Cell[]): readonly Value[] {
  const parts = column.map((cell) => (cell instanceof Uint8Array ? cell : undefined));
  let end = 0;
  const starts = parts.map((part) => {
    const start = end + 1;
    end += part?.length ?? 0;
    return start;
  });
  return [Buffer.concat(parts.filter((part) => part !== undefined)), starts, parts.map((part) => part?.length ?? null)];
}

/** Data exceptions and broken constraints (https://www.postgresql.org/docs/current/errcodes-appendix.html): what one database holds and the other does not. */
function unfit(table: CopiedTable, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (!/^(22|23)...$/.test(code)) return error;
  return new LwiError('INPUT_INVALID', `A row of ${table.name} does not fit its table in PostgreSQL (${code}).`, {
    hint: 'A text with a zero byte or an id of more than 255 characters does not. Take it out of the source, or stay with SQLite.',
    cause: error,
  });
}
