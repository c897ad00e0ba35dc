import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type ConnectionKey, connectionName } from '../connection.ts';
import { LwiError } from '../errors.ts';
import type { Store } from '../store/store.ts';

/** How long a holder may be silent before it counts as dead, ms. Renewed at a third of it while the request runs. */
export const LEASE_TTL_MS = 15_000;

/** Longest wait for somebody else's lease, ms: longer than the slowest token endpoint, shorter than a person's patience. */
export const LONGEST_WAIT_MS = 45_000;

/** How often a waiter looks, ms. The latency of a joiner is the refresh and at most this. */
const POLL_MS = 50;

/** How often the lease is asked for when the answers come late. */
const PROMPT_TRIES = 3;

interface Deps {
  readonly store: Pick<Store, 'acquireLease' | 'renewLease' | 'releaseLease'>;
  readonly clock: Clock;
  /** Names this process, for people. */
  readonly owner: string;
  /** Another term than `LEASE_TTL_MS`, for tests that kill many holders. */
  readonly leaseTtlMs?: number | undefined;
}

/**
 * Whether the lease is still ours, prolonged if so: asked just before the step that cannot be taken back. An answer that was long on its way (a database that
 * hangs, a process that was stopped meanwhile) says nothing of now, and is asked for again.
 */
export type Held = () => Promise<boolean>;

/**
 * Whatever spends or deletes the tokens of a connection holds this lease: refresh, connect, disconnect, a change of the key. Throws LEASE_BUSY after
 * 45 s; nobody ever goes on without it.
 */
export async function withRefreshLease<T>(
  deps: Deps,
  key: ConnectionKey,
  signal: AbortSignal,
  /** Asked while waiting: a value ends the wait, because somebody else has done the work. */
  joined: () => Promise<T | undefined>,
  work: (held: Held) => Promise<T>,
): Promise<T> {
  const name = `refresh:${connectionName(key)}`;
  const { store, clock, leaseTtlMs: ttlMs = LEASE_TTL_MS } = deps;
  // A lease is open to its owner again, so each use of it is an owner of its own: two in one process exclude each other too.
  const owner = `${deps.owner}/${randomUUID().slice(0, 8)}`;
  // Counted, not read off the clock: a clock that is corrected meanwhile neither ends the wait nor draws it out.
  for (let waited = 0; ; waited += POLL_MS) {
    const holder = await store.acquireLease(name, owner, ttlMs);
    if (!holder) break;
    if (waited >= LONGEST_WAIT_MS) {
      throw new LwiError('LEASE_BUSY', `${holder.owner} is still refreshing ${connectionName(key)}.`, {
        ...key,
        retryAfterMs: Math.max(1000, holder.endsInMs),
      });
    }
    await clock.sleep(POLL_MS, signal);
    const done = await joined();
    if (done !== undefined) return done;
  }
  const held: Held = async () => {
    for (let tries = 0; tries < PROMPT_TRIES; tries++) {
      const asked = clock.now();
      if (!(await store.renewLease(name, owner, ttlMs))) return false;
      if (Math.abs(clock.now() - asked) < ttlMs / 3) return true;
    }
    return false;
  };
  const stop = heartbeat(clock, held, ttlMs / 3);
  try {
    return await work(held);
  } finally {
    stop();
    // A store in trouble must not hide what came of the work; the lease then ends by itself.
    await store.releaseLease(name, owner).catch(() => {});
  }
}

/** Prolongs the lease every `everyMs` until told to stop, or until it is lost. */
function heartbeat(clock: Clock, held: Held, everyMs: number): () => void {
  const controller = new AbortController();
  const beat = async () => {
    do await clock.sleep(everyMs, controller.signal);
    while (await held().catch(() => true));
  };
  // Ends with stop(), which aborts the sleep.
  beat().catch(() => {});
  return () => controller.abort();
}
