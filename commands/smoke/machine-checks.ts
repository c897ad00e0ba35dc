import { dirname } from 'node:path';
import { type Check, type Finding, pass, skip } from '../../src/checks/check.ts';
import { homeFinding } from '../../src/checks/home-finding.ts';
import { configFinding } from '../../src/checks/machine/config.ts';
import { databaseFinding } from '../../src/checks/machine/database.ts';
import { databaseShut, keyFinding } from '../../src/checks/machine/key.ts';
import type { Context } from '../../src/context.ts';
import { isLwiError } from '../../src/errors.ts';
import { otherDatabaseOf } from '../shared/other-database.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import { storeToCheck } from '../shared/store-to-check.ts';

/** Checks of what every connection needs: config, directory, key, database. They make nothing: a home that is not there stays away. */
export function machineChecks(context: RecordableContext): Check[] {
  const check = (name: string, at: (live: Context) => Promise<Finding>, ...needs: string[]): Check => ({
    ...{ name, needs, run: () => context.look(`check ${name}`, at) },
  });
  return [
    check('config', ({ paths, config, providers }) => configFinding({ file: paths.config, config, providers })),
    check('home', async (live) =>
      (await otherDatabaseOf(live))
        ? pass('not needed: the database is on a server')
        : homeFinding(dirname(live.paths.data)),
    ),
    check('key', keyFindingOf, 'config', 'home'),
    check('database', async (live) => databaseFinding(await storeToCheck(live)), 'config', 'home'),
  ];
}

/** A keychain that is not in use is not asked: it may take seconds to say that it is not there. */
async function keyFindingOf(context: Context): Promise<Finding> {
  const { keyPlaces } = await import('../key/key-places.ts');
  const { keyStatus } = await import('../../src/vault/key-status.ts');
  try {
    const store = await storeToCheck(context);
    const { inUse } = await keyPlaces(context, store);
    return keyFinding(await keyStatus({ store, keyProvider: inUse, keychain: inUse }));
  } catch (error) {
    if (isLwiError(error) && error.category === 'storage') return skip(databaseShut(error));
    throw error;
  }
}
