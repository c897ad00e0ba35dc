import type { CopiedTable, Kind } from '../copy/copied-tables.ts';
import type { Cell } from '../copy/copy-side.ts';
import { saidText } from '../copy/row-key.ts';
import type { Value } from './database.ts';
import { fromStored, toStored } from './stored-text.ts';

/** What a column of a kind is in PostgreSQL: how it is read from `column`, and how `given`, of type `type`, is put into it. */
interface ColumnForm {
  read(column: string): string;
  readonly type: string;
  write(given: string): string;
  /** Cell to what is bound, and back. */
  bind(cell: Cell): Exclude<Value, undefined | readonly unknown[]>;
  cell(found: unknown): Cell;
}

const asItIs = (text: string) => text;

const PLAIN = {
  read: asItIs,
  type: 'text',
  write: asItIs,
  bind: (cell: Cell) => cell,
  cell: (found: unknown) => found as Cell,
} satisfies ColumnForm;

const ofText = (change: (text: string) => string) => (value: unknown) =>
  typeof value === 'string' ? change(value) : null;

const FORMS: Readonly<Record<Kind, ColumnForm>> = {
  text: PLAIN,
  id: { ...PLAIN, bind: ofText(toStored), cell: ofText(fromStored) },
  said: { ...PLAIN, bind: ofText(saidText) },
  number: { ...PLAIN, type: 'bigint' },
  bytes: PLAIN,
  moment: {
    ...PLAIN,
    read: (column) => `round(extract(epoch FROM ${column}) * 1000)::bigint`,
    type: 'bigint',
    write: (given) => `to_timestamp(${given}::float8 / 1000)`,
  },
  names: {
    ...PLAIN,
    write: (given) =>
      `(SELECT coalesce(array_agg(word ORDER BY place), '{}') FROM json_array_elements_text(${given}::json) WITH ORDINALITY AS each (word, place))`,
    cell: (found) => JSON.stringify(found ?? []),
  },
  uuid: { ...PLAIN, read: (column) => `${column}::text`, write: (given) => `${given}::uuid` },
  account: {
    ...PLAIN,
    read: (column) => `(SELECT name FROM accounts WHERE accounts.id = ${column})`,
    write: (given) => `(SELECT id FROM accounts WHERE name = ${given})`,
  },
};

/** The form of each column of a table, by name, in their order. */
export function columnForms({ columns }: CopiedTable): readonly (readonly [name: string, ColumnForm, Kind])[] {
  return Object.entries(columns).map(([name, kind]) => [name, FORMS[kind], kind] as const);
}

/** Columns that PostgreSQL alone has and that follow from others of the row `given`. */
export const FOLLOWING: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  forwards: { received_at: '(SELECT received_at FROM inbox WHERE inbox.event = given.event)' },
};
