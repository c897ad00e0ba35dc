import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type ConnectionKey, connectionName } from '../connection.ts';
import { LwiError } from '../errors.ts';
import type { Store } from '../store/store.ts';

/** How long a holder may be silent before it counts as dead, ms. Renewed at a third of it while the request runs. */
const TTL_MS = 15_000;

/** Longest wait for somebody else's lease, ms: longer than the slowest token endpoint, shorter than a person's patience. */
const LONGEST_WAIT_MS = 45_000;

/** How often a waiter looks, ms. The latency of a joiner is the refresh and at most this. */
const POLL_MS = 100;

interface Deps {
  readonly store: Pick<Store, 'acquireLease' | 'renewLease' | 'releaseLease'>;
  readonly clock: Clock;
  /** Names this process, for people. */
  readonly owner: string;
}

/** Whatever spends or deletes the tokens of a connection holds this lease: refresh, connect, disconnect. */
export async function withRefreshLease<T>(
  deps: Deps,
  key: ConnectionKey,
  signal: AbortSignal,
  /** Asked while waiting: a value ends the wait, because somebody else has done the work. */
  joined: () => Promise<T | undefined>,
  work: () => Promise<T>,
): Promise<T> {
  const name = `refresh:${connectionName(key)}`;
  const { store, clock } = deps;
  // A lease is open to its owner again, so each use of it is an owner of its own: two in one process exclude each other too.
  const owner = `${deps.owner}/${randomUUID().slice(0, 8)}`;
  const giveUpAt = clock.now() + LONGEST_WAIT_MS;
  for (;;) {
    const holder = await store.acquireLease(name, owner, TTL_MS, clock.now());
    if (!holder) break;
    const done = await joined();
    if (done !== undefined) return done;
    if (clock.now() >= giveUpAt) {
      throw new LwiError('LEASE_BUSY', `${holder.owner} is still refreshing ${connectionName(key)}.`, {
        ...key,
        retryAfterMs: Math.max(1000, holder.expiresAt - clock.now()),
      });
    }
    await clock.sleep(POLL_MS, signal);
  }
  const stop = heartbeat({ store, clock, owner }, name);
  try {
    return await work();
  } finally {
    stop();
    await store.releaseLease(name, owner);
  }
}

/** Renews the lease until told to stop. A lost lease is noticed by the compare-and-set of whatever is written. */
function heartbeat({ store, clock, owner }: Deps, name: string): () => void {
  const controller = new AbortController();
  const beat = async () => {
    for (;;) {
      await clock.sleep(TTL_MS / 3, controller.signal);
      if (!(await store.renewLease(name, owner, TTL_MS, clock.now()))) return;
    }
  };
  beat().catch(() => {
    // Ended by stop(), or the store is in trouble: then the write that follows fails aloud.
  });
  return () => controller.abort();
}
