import type { Context } from '../../src/context.ts';
import { isLwiError } from '../../src/errors.ts';

export type OtherDatabase = NonNullable<Awaited<ReturnType<Context['otherDatabase']>>>;

/** The database on a server, for checks that go on beside a broken config: where that does not tell, nobody knows of one. */
export async function otherDatabaseOf({
  otherDatabase,
}: Pick<Context, 'otherDatabase'>): Promise<OtherDatabase | undefined> {
  try {
    return await otherDatabase();
  } catch (error) {
    if (!isLwiError(error)) throw error;
    return undefined;
  }
}
