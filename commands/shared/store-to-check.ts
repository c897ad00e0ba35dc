import { existsSync, statSync } from 'node:fs';
import type { Context } from '../../src/context.ts';
import { LwiError } from '../../src/errors.ts';
import type { Store } from '../../src/store/store.ts';

/**
 * The store for commands that judge it: undefined where there is none. SQLite takes a file of 0 bytes for a new database and makes one of it, so that
 * nobody could tell any more what was lost: here it is refused before it is opened. Throws STORE_DAMAGED then, and what `existingStore` throws.
 */
export async function storeToCheck(
  context: Pick<Context, 'paths' | 'existingStore' | 'otherDatabase'>,
): Promise<Store | undefined> {
  if (await context.otherDatabase()) return context.existingStore();
  const { data } = context.paths;
  const file = existsSync(data) ? statSync(data, { throwIfNoEntry: false }) : undefined;
  if (file?.isFile() && file.size === 0) {
    throw new LwiError(
      'STORE_DAMAGED',
      `${data} is empty: either the command that made it was stopped, or all is lost.`,
      {
        hint: 'Restore the database from a backup. Where nothing was connected before, run `lwi connect <provider>`, which fills it.',
      },
    );
  }
  return context.existingStore();
}
