import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Check, type Finding, fail, pass, skip } from '../../src/checks/check.ts';
import { homeFinding } from '../../src/checks/home-finding.ts';
import type { Context } from '../../src/context.ts';
import { isLwiError } from '../../src/errors.ts';
import type { RecordableContext } from '../shared/recordable.ts';
import { storeToCheck } from '../shared/store-to-check.ts';

/** Checks of what every connection needs: config, directory, key, database. They make nothing: a home that is not there stays away. */
export function machineChecks(context: RecordableContext): Check[] {
  const check = (name: string, at: (live: Context) => Promise<Finding>, ...needs: string[]): Check => ({
    ...{ name, needs, run: () => context.look(`check ${name}`, at) },
  });
  return [
    check('config', configFinding),
    check('home', async ({ paths }) => homeFinding(dirname(paths.data))),
    check('key', keyFinding, 'config', 'home'),
    check('database', databaseFinding, 'config', 'home'),
  ];
}

async function configFinding({ config, paths }: Context): Promise<Finding> {
  const { account, env, providers = {}, endpoints = {} } = await config();
  if (!existsSync(paths.config)) return pass(`no file ${paths.config}: everything is as built in`);
  const list = (what: string, of: object) => Object.keys(of).length > 0 && `${what} ${Object.keys(of).join(', ')}`;
  const said = [
    account !== undefined && `account ${account}`,
    env !== undefined && `environment ${env}`,
    list('own providers', providers),
    list('endpoints of', endpoints),
  ].filter((part) => part !== false);
  return pass([paths.config, ...said].join('; '));
}

/** A keychain that is not in use is not asked: it may take seconds to say that it is not there. */
async function keyFinding(context: Context): Promise<Finding> {
  const { keyPlaces } = await import('../key/key-places.ts');
  const { keyStatus } = await import('../../src/vault/key-status.ts');
  try {
    const store = await storeToCheck(context);
    const { inUse } = await keyPlaces(context, store);
    const { place, keyId, problem, opens } = await keyStatus({ store, keyProvider: inUse, keychain: inUse });
    if (problem) return fail(problem.message, problem.hint, problem.code);
    if (opens === 'no-key-yet') return pass(`from ${place}; nothing is sealed yet`);
    return pass(`key ${keyId}, from ${place}, opens the database`);
  } catch (error) {
    // The next check says what it is.
    if (isLwiError(error) && error.category === 'storage') return skip('the database does not open');
    throw error;
  }
}

/** Of a database that is larger, only what matters most is read, bytes: all of it would take longer than a job has. */
const LARGE = 256 * 1024 ** 2;

async function databaseFinding(context: Context): Promise<Finding> {
  const { data } = context.paths;
  const store = await storeToCheck(context);
  if (!store) return pass(`no file ${data} yet: the first connection makes it`);
  const { engine, problems, sizeBytes } = await store.examine(LARGE);
  if (problems.length > 0) {
    const next = 'Restore the database from a backup, or move it away and connect again.';
    return fail(`${data} is damaged: ${problems.join('; ')}.`, next, 'STORE_DAMAGED');
  }
  return pass(
    `${data}, ${(sizeBytes / 1024 ** 2).toFixed(1)} MB, whole inside${sizeBytes > LARGE ? ' as to keys and tokens' : ''}, ${engine}`,
  );
}
