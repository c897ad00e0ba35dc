import type { ConnectionKey, Environment } from '../connection.ts';
import { LwiError } from '../errors.ts';
import type { Provider } from '../providers/provider.ts';
import type { ConnectionRow } from '../store/store.ts';
import type { Storage } from './storage.ts';

/** What is connected, as far as this run was asked about it. */
export interface Connections {
  /** What is connected: of the account that flag, environment or config names, and in the environment that was asked for; else all. */
  existingConnections(): Promise<ConnectionRow[]>;
  /** The connection of the chosen account, checked against an environment that was asked for. */
  connection(provider: string): Promise<ConnectionRow>;
}

interface ConnectionsParts extends Pick<Storage, 'store' | 'existingStore'> {
  account(): Promise<string>;
  namedAccount(): Promise<string | undefined>;
  env(): Promise<{ env: Environment; explicit: boolean }>;
  provider(id: string): Promise<Provider>;
}

/** Reads connections from the store whenever it is asked. */
export function connections(parts: ConnectionsParts): Connections {
  const { store, existingStore, account, namedAccount, env, provider } = parts;
  return {
    existingConnections: async () => {
      const opened = await existingStore();
      const of = await namedAccount();
      const { env: wanted, explicit } = await env();
      const rows = opened ? await opened.connections({ account: of }) : [];
      return rows.filter((row) => !explicit || row.env === wanted);
    },
    connection: async (id) => {
      const key = { account: await account(), provider: (await provider(id)).id };
      const row = await (await store()).connection(key);
      const { env: wanted, explicit } = await env();
      if (!row || (explicit && row.env !== wanted)) throw notConnected(key, row, wanted);
      return row;
    },
  };
}

function notConnected(key: ConnectionKey, row: ConnectionRow | undefined, wanted: Environment): LwiError {
  if (!row)
    return new LwiError('NOT_CONNECTED', `Account ${key.account} has no connection to ${key.provider}.`, { ...key });
  return new LwiError(
    'NOT_CONNECTED',
    `Account ${key.account} is connected to ${key.provider} in ${row.env}, not in ${wanted}.`,
    {
      ...key,
      hint: `Leave out --env ${wanted}, or run \`lwi connect ${key.provider} --env ${wanted}\` under another account.`,
    },
  );
}
