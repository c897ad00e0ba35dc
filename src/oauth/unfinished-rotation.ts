import type { ConnectionRow, Rotation } from '../store/store.ts';
import { LEASE_TTL_MS } from './refresh-lease.ts';
import type { RefreshResult, RotationParts } from './rotation.ts';
import { usableConnection } from './usable-connection.ts';

/** How much longer than its lease somebody is waited for who may have a new token and cannot store it, as a share of the lease: with it 35 s, as he tries for 30. */
const PATIENCE = 4 / 3;

/** How often a waiter looks, ms. */
const LOOK_MS = 500;

/**
 * Waits for a refresh that another machine has begun, of which no end is known and whose lease is over: that machine may be cut off from the database with the
 * new token in hand, and to spend the old one again would end the grant at a provider that takes it for stolen (RFC 9700, 4.14.2). What it stored in time, or
 * undefined. A file of SQLite is beside its processes: whoever is silent there is dead, and nobody is waited for.
 */
export async function unfinishedElsewhere(
  { store, clock, warn, leaseTtlMs = LEASE_TTL_MS }: RotationParts,
  row: ConnectionRow,
  stop: AbortSignal,
): Promise<RefreshResult | undefined> {
  const begun = inDoubt(row);
  if (!store.shared || !begun) return undefined;
  const longest = leaseTtlMs * PATIENCE;
  warn?.(
    `The refresh that ${begun.owner} began has not ended; waiting up to ${Math.ceil(longest / 1000)} s for its token.`,
  );
  for (let waited = 0; waited < longest; waited += LOOK_MS) {
    await clock.sleep(LOOK_MS, stop);
    const now = await usableConnection(store, row);
    if (now.generation !== row.generation) return { outcome: 'joined', row: now };
    if (!inDoubt(now)) return undefined;
  }
  return undefined;
}

/** The note of a rotation to which nothing was noted afterwards: a store that machines share keeps the two in their order, whatever their clocks say. */
function inDoubt({ rotation, lastRefresh }: ConnectionRow): Rotation | undefined {
  return rotation && (lastRefresh === undefined || lastRefresh.at < rotation.startedAt) ? rotation : undefined;
}
