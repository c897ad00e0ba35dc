import { type ErrorCode, isLwiError, LwiError } from '../errors.ts';
import type { ConnectionRow, Rotation } from '../store/store.ts';
import { connectCommand } from './connect-command.ts';
import type { RefreshResult, RotationParts } from './rotation.ts';
import { usableConnection } from './usable-connection.ts';

/** After these the provider may have used up the refresh token, although no new one arrived. A stop in mid-flight is one of them. */
const MAY_HAVE_SPENT: readonly ErrorCode[] = [
  'TIMEOUT',
  'NETWORK',
  'TLS',
  'BAD_RESPONSE',
  'SERVER_ERROR',
  'INTERRUPTED',
  'TERMINATED',
];

/** Whether the refresh token may be used up although no new one came. */
export function mayHaveSpent(error: unknown): boolean {
  return !isLwiError(error) || (isLwiError(error, ...MAY_HAVE_SPENT) && !error.facts.unsent);
}

/**
 * Notes a refresh that gave no token. Only a refusal of the token that is stored now ends the connection; everything else leaves it as it was. Throws
 * RECONNECT_REQUIRED then, and `error` otherwise, unless somebody else has stored another token meanwhile.
 */
export async function refreshFailed(
  { store, clock }: RotationParts,
  row: ConnectionRow,
  error: unknown,
  spent: boolean,
): Promise<RefreshResult> {
  const refused = isLwiError(error, 'GRANT_REJECTED');
  const current = await store.connection(row).catch((trouble: unknown) => {
    // A database that is away says nothing of a newer token: then no connection has ended. Anything else is what the provider said.
    if (refused || !isLwiError(trouble) || trouble.category !== 'storage') throw trouble;
    return undefined;
  });
  if (current && current.generation !== row.generation) {
    return { outcome: 'joined', row: await usableConnection(store, row) };
  }
  // The note on the row is another one's by now.
  if (isLwiError(error, 'LEASE_BUSY')) throw error;
  const at = clock.now();
  const { account, provider, rotation } = row;
  if (!refused) {
    const detail = error instanceof Error ? error.message : 'unknown';
    // The note then stays and explains a later refusal; so does that of a refresh before this one, of which nothing more is known now.
    const note = spent ? 'kept' : rotation;
    await noted(store.failRotation(row, { at, outcome: 'failed', detail, note }, row.generation));
    throw error;
  }
  const detail = rotation ? `${error.message} (${lost(rotation)})` : error.message;
  await noted(store.failRotation(row, { at, outcome: 'reconnect', detail }, row.generation));
  throw new LwiError('RECONNECT_REQUIRED', `${provider} no longer accepts the refresh token: ${detail}.`, {
    ...{ provider, account, providerCode: error.facts.providerCode, cause: error },
    hint: `Run ${connectCommand(row)}.`,
  });
}

/** A store in trouble must not hide what the provider said; what could not be noted is found out again by the next run. */
async function noted(work: Promise<boolean>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isLwiError(error) || error.category !== 'storage') throw error;
  });
}

/** What an unfinished rotation means once the provider refuses its token. */
function lost({ owner, startedAt }: Rotation): string {
  return `the refresh that ${owner} began at ${new Date(startedAt).toISOString()} never ended, so its new token was lost`;
}
