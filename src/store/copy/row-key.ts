import type { CopiedTable, Kind } from './copied-tables.ts';
import type { Cell, Row } from './copy-side.ts';

/** Where the key stands in a row. */
function keyPlaces({ columns, key }: CopiedTable): readonly number[] {
  const names = Object.keys(columns);
  return key.map((name) => names.indexOf(name));
}

/** The cells of the key. */
export function keyOf(table: CopiedTable, row: Row): readonly Cell[] {
  return keyPlaces(table).map((place) => row[place] ?? null);
}

/** Tells the rows of a table apart. */
export function keyText(table: CopiedTable, row: Row): string {
  return JSON.stringify(keyOf(table, row));
}

/** For people: the table and the key of a row, nothing of what it holds. */
export function rowName(table: CopiedTable, row: Row): string {
  return `${table.name} ${keyOf(table, row)
    .map((cell) => String(cell))
    .join('/')}`;
}

/** Names of the columns in which two rows differ. */
export function differingCells({ columns }: CopiedTable, a: Row, b: Row): readonly string[] {
  return Object.entries(columns).flatMap(([name, kind], place) => (isSame(kind, a[place], b[place]) ? [] : [name]));
}

function isSame(kind: Kind, a: Cell | undefined, b: Cell | undefined): boolean {
  if (a === b) return true;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return kind === 'said' && typeof a === 'string' && typeof b === 'string' && saidText(a) === saidText(b);
}

/** Text for people as every database can hold it. */
export function saidText(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}
