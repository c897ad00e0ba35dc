import type { CopiedTable } from './copied-tables.ts';

/** Text, number, bytes or nothing; times are ms, lists of words their JSON. The same value in every database. */
export type Cell = string | number | Uint8Array | null;

/** The cells of a row in the order of its table's columns. */
export type Row = readonly Cell[];

/** What is read at a time: rows, and bytes of text and bodies; a row that alone is larger comes by itself. */
export const PAGE = { rows: 1000, bytes: 4 * 1024 * 1024 } as const;

/** The database that is copied. While it is open nobody else changes it. Throws LwiError of the `storage` category. */
export interface CopySide {
  /** Names it for people; never with a password. */
  readonly place: string;
  /** Two names of one database have the same; of what it holds, and where it lies. */
  readonly identity: { readonly vaultId: string; readonly location: string };
  /** What a copy that was broken off has left: it is not whole. */
  readonly note: CopyNote | undefined;
  count(table: CopiedTable): Promise<number>;
  /** Rows that follow the row `after` in the order of the key, which each database has in its own way; none at the end. At most `PAGE`. */
  page(table: CopiedTable, after: Row | undefined): Promise<readonly Row[]>;
  /** The rows with the keys of these ones, in no order; of what is not there, none. */
  find(table: CopiedTable, rows: readonly Row[]): Promise<readonly Row[]>;
  /** The last number that was given out; 0: none. */
  lastNumber(table: CopiedTable): Promise<number>;
  close(): Promise<void>;
}

/** The database that is copied into. No other copy writes into it meanwhile. */
export interface CopyTarget extends CopySide {
  /** From now on no other command opens it; undone, with what `assertFit` throws, where it is not fit for that. Throws STORE_LOCKED where a command has come in before. */
  begin(note: CopyNote, assertFit: () => Promise<void>): Promise<void>;
  /** Removes rows, or what has their keys, and then writes others in place of what has the same keys; all of it or nothing. */
  change(table: CopiedTable, change: RowChange): Promise<void>;
  /** Lets numbers go on behind those given out, and opens the database for other commands; all of it or nothing. Throws STORE_LOCKED while one uses it all the same. */
  finish(numbers: readonly (readonly [CopiedTable, last: number])[]): Promise<void>;
}

export interface RowChange {
  readonly remove?: readonly Row[];
  readonly put?: readonly Row[];
}

/** A place that is to be a side of a copy; nothing is open yet. The looks are before anything is made, changed or waited for. */
export interface CopyWay {
  /** Throws what opening it throws where there is no store. */
  lookAtSource(): Promise<CopyLook>;
  /** `source` is the location of what is to be copied: at the same place no more is looked at. Throws where no copy can be: USAGE, STORE_READONLY, STORE_DAMAGED, STORE_TOO_NEW, and what reaching it throws. */
  lookAtTarget(source: string | undefined): Promise<CopyLook>;
  source(): Promise<CopySide>;
  target(): Promise<CopyTarget>;
}

export interface CopyLook {
  readonly place: string;
  /** As in `CopySide.identity`; undefined: nothing is there. */
  readonly location: string | undefined;
  /** What a person should know of the place; a sentence. */
  readonly warning?: string;
}

/** Told, again and again, that others are waited for who have `place` in use. */
export type OnWait = (place: string) => void;

/** What stands in a database while a copy into it is not complete. */
export interface CopyNote {
  /** `vaultId` of the source. */
  readonly from: string;
  /** `place` of the source. */
  readonly place: string;
  /** ms since the epoch. */
  readonly startedAt: number;
}

/** Reads a note as it was stored. */
export const parseNote = (text: string): CopyNote => JSON.parse(text);
