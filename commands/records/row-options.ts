import { LwiError } from '../../src/errors.ts';

/** Which rows are wanted. */
export interface RowOptions {
  readonly since?: string;
  readonly deleted?: boolean;
  readonly setAside?: boolean;
}

/** Which rows are wanted, read. */
export interface RowFilter {
  /** ms since the epoch. */
  readonly since: number | undefined;
  readonly deleted: boolean;
  readonly setAside: boolean;
  readonly limit?: number | undefined;
}

export const SINCE = ['--since <when>', 'changed since then: a date, an ISO time, or a span such as 7d'] as const;
export const DELETED = ['--deleted', 'deleted records as well'] as const;
export const SET_ASIDE = ['--set-aside', 'in place of records, the rows that a sync could not read'] as const;

/** Throws USAGE. */
export async function rowFilter({ since, deleted, setAside }: RowOptions, now: number): Promise<RowFilter> {
  if (setAside && deleted) {
    throw new LwiError(
      'USAGE',
      'Give --deleted or --set-aside: rows that could not be read are neither live nor deleted.',
    );
  }
  if (since === 'last') {
    throw new LwiError(
      'USAGE',
      '--since last is for `lwi sync`; here --since takes a date, an ISO time, or a span such as 7d.',
    );
  }
  const { parseSince } = await import('../../src/sync/since.ts');
  return {
    since: since === undefined ? undefined : parseSince(since, now),
    deleted: deleted ?? false,
    setAside: setAside ?? false,
  };
}

/** What to say where a filter may be why there is nothing. */
export function nothingFound({ since, setAside }: RowOptions): string | undefined {
  if (setAside) return 'No such rows were set aside.';
  return since === undefined ? undefined : `Nothing in the local store has changed since ${since}.`;
}
