/** Where a select statement says which rows it wants. */
export interface StatementPage {
  /** Position of the first row, counted from 1. */
  readonly start: number;
  /** Most rows of one answer. */
  readonly size: number;
  /** The same statement from another position on. */
  from(start: number): string;
}

/** Without MAXRESULTS 100 rows come, never more than 1000 (ruckus/quickbooks-ruby fixtures, mcohen01/node-quickbooks README). */
const DEFAULT_SIZE = 100;
const LARGEST_SIZE = 1000;

/** The two clauses, in any case; text in quotes is passed over, with its escaped quotes. */
const CLAUSE = /'(?:[^'\\]|\\.)*'|\bstartposition\s+(\d+)|\bmaxresults\s+(\d+)/gi;

/** Reads STARTPOSITION and MAXRESULTS of a statement; it stays as it is but for the position, which stands before MAXRESULTS. */
export function statementPage(statement: string): StatementPage {
  const clauses = [...statement.matchAll(CLAUSE)];
  const position = clauses.find(([, start]) => start !== undefined);
  const most = clauses.find(([, , size]) => size !== undefined);
  const replaceAt = position?.index ?? most?.index ?? statement.trimEnd().length;
  const before = statement.slice(0, replaceAt);
  const after = statement.slice(replaceAt + (position?.[0].length ?? 0));
  return {
    start: Number(position?.[1] ?? 1),
    size: Math.min(Number(most?.[2] ?? DEFAULT_SIZE), LARGEST_SIZE),
    from: (start) => `${spaced(before)}STARTPOSITION ${start}${/^\S/.test(after) ? ' ' : ''}${after}`,
  };
}

function spaced(text: string): string {
  return text === '' || /\s$/.test(text) ? text : `${text} `;
}
