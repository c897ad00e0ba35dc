import { arch } from 'node:os';
import type { Check } from '../../src/checks/check.ts';
import { browserCheck } from '../../src/checks/machine/browser.ts';
import { configFinding } from '../../src/checks/machine/config.ts';
import { databaseFinding } from '../../src/checks/machine/database.ts';
import { diskCheck } from '../../src/checks/machine/disk.ts';
import { environmentCheck } from '../../src/checks/machine/environment.ts';
import { hostChecks } from '../../src/checks/machine/hosts.ts';
import { databaseShut, keyChecks } from '../../src/checks/machine/key.ts';
import { pathsCheck } from '../../src/checks/machine/paths.ts';
import { permissionsCheck } from '../../src/checks/machine/permissions.ts';
import { portCheck } from '../../src/checks/machine/port.ts';
import { portHolder } from '../../src/checks/machine/port-holder.ts';
import { proxyCheck } from '../../src/checks/machine/proxy.ts';
import { versionsCheck } from '../../src/checks/machine/versions.ts';
import type { Context } from '../../src/context.ts';
import { isLwiError, type LwiError } from '../../src/errors.ts';
import { DEFAULT_PORT } from '../../src/oauth/redirect.ts';
import { once } from '../../src/once.ts';
import { BUILT_IN } from '../../src/providers/registry.ts';
import type { Store } from '../../src/store/store.ts';
import type { KeyStatus } from '../../src/vault/key-status.ts';
import { DEFAULT_RECEIVER_PORT } from '../../src/webhooks/receiver.ts';
import { keyPlaces } from '../key/key-places.ts';
import { browserHere } from '../shared/browser-here.ts';
import { type OtherDatabase, otherDatabaseOf } from '../shared/other-database.ts';
import { storeToCheck } from '../shared/store-to-check.ts';
import { hostAnswers } from './host-answers.ts';

export interface MachineOptions {
  /** No connection is to be made. */
  readonly offline: boolean;
  /** Of package.json. */
  readonly lwi: { readonly version: string; readonly engines: { readonly node: string } };
}

/** The checks of `lwi doctor`, in an order in which the cause of trouble comes before what follows from it. */
export function machineChecks(context: Context, { offline, lwi }: MachineOptions): readonly Check[] {
  const { host, options } = context;
  const { platform, env: environment, uid } = host;
  const paths = () => context.paths;
  const database = openedOnce(context);
  const elsewhere = () => isElsewhere(context);
  return [
    versionsCheck({
      ...{ lwi: lwi.version, engines: lwi.engines.node, node: host.nodeVersion, platform: `${platform} ${arch()}` },
      sqlite: async () => (await import('../../src/store/sqlite/sqlite-version.ts')).sqliteVersion(),
    }),
    pathsCheck({ paths, home: options.home, environment, platform, elsewhere }),
    permissionsCheck({ paths, uid, elsewhere }),
    diskCheck({ paths, platform, elsewhere }),
    {
      ...{ name: 'config', needs: ['paths'] },
      run: async () => configFinding({ file: paths().config, config: context.config, providers: context.providers }),
    },
    environmentCheck({
      environment,
      providerIds: () => providerIds(context),
      foreign: async () => passwordVariable(await otherDatabaseOf(context), environment),
    }),
    { name: 'database', needs: ['config'], run: async () => databaseFinding(await storeToCheck(context)) },
    ...keyChecks({ status: statusOnce(context, database), databaseTrouble: async () => (await database()).trouble }),
    portCheck({
      ...{ name: 'receiver-port', port: DEFAULT_RECEIVER_PORT, purpose: 'for `webhook listen` and `serve`' },
      ...{ otherwise: 'Give another one with `lwi webhook listen --port <n>`.', holder: portHolder },
      ownUse: 'a receiver that runs; one more needs a port of its own, by --port',
    }),
    portCheck({
      ...{ name: 'callback-port', port: DEFAULT_PORT, purpose: 'for the answer of the browser' },
      ...{ otherwise: 'End that program before `lwi connect`, or give another port with --port.', holder: portHolder },
      ownUse:
        'a `connect` that waits for its browser; end it before the next one, or give that another port with --port',
    }),
    browserCheck({
      chosen: environment['BROWSER'],
      here: browserHere(host, { browser: true }),
      path: environment['PATH'],
    }),
    proxyCheck({ environment }),
    ...hostChecks({ answers: answersOnce(context, database, offline) }),
  ];
}

async function isElsewhere(context: Context): Promise<boolean> {
  return (await otherDatabaseOf(context)) !== undefined;
}

/** The variable that gives the password of the database, by the order in which they count. */
function passwordVariable(other: OtherDatabase | undefined, environment: Context['host']['env']): readonly string[] {
  if (!other || !URL.canParse(other.url) || new URL(other.url).password !== '') return [];
  return ['PGPASSWORD', 'PGPASSFILE'].filter((name) => environment[name]).slice(0, 1);
}

/** The store, or why there is none to be had. */
interface Opened {
  readonly store?: Store | undefined;
  readonly trouble?: LwiError;
}

function openedOnce(context: Context): () => Promise<Opened> {
  return once(async () => {
    try {
      return { store: await storeToCheck(context) };
    } catch (error) {
      if (!isLwiError(error)) throw error;
      return { trouble: error };
    }
  });
}

/** Where the config does not tell, names after the built-in providers are known at least. */
async function providerIds(context: Context): Promise<readonly string[]> {
  try {
    return (await context.providers()).map(({ id }) => id);
  } catch (error) {
    if (!isLwiError(error)) throw error;
    return BUILT_IN.map(({ id }) => id);
  }
}

function statusOnce(context: Context, database: () => Promise<Opened>): () => Promise<KeyStatus> {
  return once(async () => {
    const { keyStatus } = await import('../../src/vault/key-status.ts');
    const { store } = await database();
    const { inUse, keychain } = await keyPlaces(context, store);
    return keyStatus({ store, keyProvider: inUse, keychain });
  });
}

function answersOnce(context: Context, database: () => Promise<Opened>, offline: boolean) {
  return once(async () => {
    if (offline) return '--offline: no connection was made';
    const { trouble } = await database();
    if (trouble) return `what is connected cannot be told: ${databaseShut(trouble)}`;
    return hostAnswers(context);
  });
}
