import type { ConnectionKey } from '../connection.ts';
import { LwiError } from '../errors.ts';
import type { ConnectionRow, Store } from '../store/store.ts';
import { connectCommand } from './connect-command.ts';

/** The connection, if it is one that can be used. Throws NOT_CONNECTED, RECONNECT_REQUIRED. */
export async function usableConnection(store: Pick<Store, 'connection'>, key: ConnectionKey): Promise<ConnectionRow> {
  const { account, provider } = key;
  const row = await store.connection(key);
  if (!row) {
    throw new LwiError('NOT_CONNECTED', `Account ${account} has no connection to ${provider}.`, { account, provider });
  }
  if (row.state === 'reconnect') {
    const why = row.stateReason ?? 'the provider no longer accepts its credentials';
    const message = `${provider} of account ${account} must be connected again: ${why}.`;
    throw new LwiError('RECONNECT_REQUIRED', message, { account, provider, hint: `Run ${connectCommand(row)}.` });
  }
  return row;
}
