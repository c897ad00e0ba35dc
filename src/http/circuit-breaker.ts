import { type ErrorCode, isLwiError, LwiError } from '../errors.ts';
import { formatSpan } from '../span.ts';
import type { CircuitRow, Store } from '../store/store.ts';
import type { Send } from './http.ts';

export interface CircuitPolicy {
  /** Calls within the window that must have failed before anything is concluded. */
  readonly leastFailures: number;
  /** Share of the calls since the first failure that opens the circuit. */
  readonly failureRate: number;
  /** The window begins with a failure and ends after so many ms. */
  readonly windowMs: number;
  /** How long it stays open before one probe may go, ms; also how long a probe may take before another one may go. */
  readonly resetAfterMs: number;
}

export const DEFAULT_CIRCUIT: CircuitPolicy = {
  ...{ leastFailures: 5, failureRate: 0.5, windowMs: 60_000 },
  resetAfterMs: 30_000,
};

/** Only these say that the provider itself is in trouble; a 404 or a throttled call is an answer, and DNS and TLS mostly fail on this side. */
const TROUBLE: readonly ErrorCode[] = ['SERVER_ERROR', 'NETWORK', 'TIMEOUT', 'BAD_RESPONSE'];

type State = Omit<CircuitRow, 'version'>;
/** A circuit of which nothing bad is known. */
export const CLOSED: State = { state: 'closed', failures: 0, successes: 0, since: 0 };

/** Names a circuit: the provider and the host that a URL of its environment has; tokens have a circuit of their own. */
export function circuitScope(provider: string, url: string, oauth = false): string {
  return `${provider}/${new URL(url).host}${oauth ? '/oauth' : ''}`;
}

/**
 * Stops calling a provider that fails, and tries again with one probe. The state is in the store, one circuit for each provider and host,
 * so that every process on the machine knows, and the next cron run too.
 */
export function circuitBreaker(deps: {
  store: Pick<Store, 'circuit' | 'saveCircuit'>;
  now: () => number;
  policy?: CircuitPolicy;
}): (next: Send) => Send {
  const { store, now, policy = DEFAULT_CIRCUIT } = deps;
  return (next) => async (request, call) => {
    // Trouble of the API must not stop a grant that a person has just given.
    const scope = circuitScope(call.provider, request.url, call.raw);
    const before = await store.circuit(scope);
    if (before.state !== 'closed') await admitProbe(scope, before);
    try {
      const response = await next(request, call);
      // Where nothing bad was known there is nothing to take back.
      if (before.state !== 'closed' || before.failures > 0) await record(scope, true);
      return response;
    } catch (error) {
      const good = call.signal.aborted ? undefined : verdict(error);
      if (good !== undefined) await record(scope, good);
      throw error;
    }
  };

  async function admitProbe(scope: string, row: CircuitRow): Promise<void> {
    const wait = probeInMs(row, policy, now());
    // Compare-and-set: of all processes that see the time come, one sends the probe.
    const mine =
      wait === 0 && (await store.saveCircuit(scope, { ...row, state: 'half-open', since: now() }, row.version));
    if (mine) return;
    const provider = scope.slice(0, scope.indexOf('/'));
    const soon = formatSpan(Math.max(1000, wait));
    throw new LwiError('CIRCUIT_OPEN', `${scope} failed ${row.failures} times; the next try may go in ${soon}.`, {
      provider,
      retryAfterMs: Math.max(1000, wait),
    });
  }

  async function record(scope: string, good: boolean): Promise<void> {
    for (;;) {
      const row = await store.circuit(scope);
      const after = good ? afterSuccess(row, policy, now()) : afterFailure(row, policy, now());
      if (!after || (await store.saveCircuit(scope, after, row.version))) return;
    }
  }
}

/** When a circuit that is not closed lets a probe through, ms from now; 0: at once. */
export function probeInMs(row: CircuitRow, policy: CircuitPolicy, now: number): number {
  if (row.state === 'closed') return 0;
  const elapsed = now - row.since;
  // Before its own beginning: the clock was set back, and how long the circuit was open is not known.
  return elapsed < 0 ? 0 : Math.max(0, policy.resetAfterMs - elapsed);
}

/** Whether a failure speaks for the provider (it answered) or against it; undefined: it is about something here (the store, a stop). */
function verdict(error: unknown): boolean | undefined {
  if (isLwiError(error, ...TROUBLE)) return false;
  return isLwiError(error) && error.facts.statusCode !== undefined ? true : undefined;
}

/**
 * State after a good answer; undefined when nothing changes. As long as there is no failure nothing is counted, so that a provider that is well costs no
 * writing; a probe that comes back closes the circuit.
 */
export function afterSuccess(row: CircuitRow, policy: CircuitPolicy, now: number): State | undefined {
  if (row.state !== 'closed') return CLOSED;
  if (row.failures === 0) return undefined;
  if (isOver(row, policy, now)) return CLOSED;
  return { state: 'closed', failures: row.failures, successes: row.successes + 1, since: row.since };
}

/** State after trouble at the provider; undefined when nothing changes. */
export function afterFailure(row: CircuitRow, policy: CircuitPolicy, now: number): State | undefined {
  if (row.state === 'open') return undefined;
  if (row.state === 'half-open') return { state: 'open', failures: row.failures + 1, successes: 0, since: now };
  // Failures in a row belong together however far apart they are: each may have been a timeout.
  const begins = row.failures === 0 || (row.successes > 0 && isOver(row, policy, now));
  const { failures, successes, since } = begins ? { failures: 0, successes: 0, since: now } : row;
  const failed = failures + 1;
  const open = failed >= policy.leastFailures && failed / (failed + successes) >= policy.failureRate;
  return { state: open ? 'open' : 'closed', failures: failed, successes, since: open ? now : since };
}

/** The window is over, or the clock was set back before its beginning. */
function isOver(row: CircuitRow, { windowMs }: CircuitPolicy, now: number): boolean {
  return now - row.since > windowMs || now < row.since;
}
