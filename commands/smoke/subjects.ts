import type { Environment } from '../../src/connection.ts';
import { isLwiError, type LwiError } from '../../src/errors.ts';
import type { Connected, RecordableContext } from '../shared/recordable.ts';
import { storeToCheck } from '../shared/store-to-check.ts';

/** What the checks of one connection are about. */
export interface Subject {
  /** Undefined where nothing at all is connected, or nobody could find out. */
  readonly provider: string | undefined;
  readonly account: string | undefined;
  readonly env: Environment | undefined;
  /** The connection; undefined where there is none. */
  readonly row: Connected | undefined;
  /** Why nobody knows whether there is one. */
  readonly trouble: LwiError | undefined;
}

/**
 * The connections to check: those of the named providers, or all of the chosen account. Trouble with config or database is left to the checks of these. Throws
 * USAGE, PROVIDER_UNKNOWN.
 */
export async function chosenSubjects(
  context: RecordableContext,
  providers: readonly string[],
): Promise<{ account: string | undefined; subjects: readonly Subject[] }> {
  const ids = await Promise.all(providers.map((id) => knownId(context, id)));
  const { account, env, rows, trouble } = await existing(context);
  const subjectOf = (provider: string | undefined, row?: Connected): Subject => ({
    ...{ provider, account: row?.account ?? account, env: row?.env ?? env, row, trouble },
  });
  if (ids.length === 0 && rows.length > 0)
    return { account, subjects: rows.map((row) => subjectOf(row.provider, row)) };
  const wanted = ids.length === 0 ? [undefined] : [...new Set(ids)];
  return {
    account,
    subjects: wanted.map((id) =>
      subjectOf(
        id,
        rows.find(({ provider }) => provider === id),
      ),
    ),
  };
}

/** A mistyped name is a mistake of the person; a config that cannot be read is what the checks are there to tell. */
async function knownId(context: RecordableContext, id: string): Promise<string> {
  try {
    return (await context.provider(id)).id;
  } catch (error) {
    if (isLwiError(error, 'CONFIG_INVALID')) return id;
    throw error;
  }
}

async function existing(context: RecordableContext): Promise<{
  account?: string;
  env?: Environment;
  rows: readonly Connected[];
  trouble?: LwiError;
}> {
  try {
    const env = await context.look('environment', async (live) => {
      // Before anybody else opens it.
      await storeToCheck(live);
      return (await live.env()).env;
    });
    const { account, rows } = await context.connections();
    return { account, env, rows };
  } catch (error) {
    if (!isLwiError(error) || !(error.category === 'storage' || error.code === 'CONFIG_INVALID')) throw error;
    return { rows: [], trouble: error };
  }
}
