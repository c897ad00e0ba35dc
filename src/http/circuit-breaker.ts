import { type ErrorCode, isLwiError, LwiError } from '../errors.ts';
import type { CircuitRow, Store } from '../store/store.ts';
import type { Send } from './http.ts';

export interface CircuitPolicy {
  /** Failures in a row that open the circuit. */
  readonly threshold: number;
  /** How long it stays open before one probe may go, ms; also how long a probe may take before another one may go. */
  readonly resetAfterMs: number;
}

export const DEFAULT_CIRCUIT: CircuitPolicy = { threshold: 5, resetAfterMs: 30_000 };

/** Only these say that the provider itself is in trouble; a 404 or a throttled call is an answer. */
const TROUBLE: readonly ErrorCode[] = ['SERVER_ERROR', 'NETWORK', 'TIMEOUT', 'BAD_RESPONSE'];

type State = Omit<CircuitRow, 'version'>;
const CLOSED: State = { state: 'closed', failures: 0, since: 0 };

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
    // Tokens have a circuit of their own: trouble of the API must not stop a grant that a person has just given.
    const scope = `${call.provider}/${new URL(request.url).host}${call.raw ? '/oauth' : ''}`;
    const before = await store.circuit(scope);
    if (before.state !== 'closed') await admitProbe(scope, before);
    try {
      const response = await next(request, call);
      await record(scope, true);
      return response;
    } catch (error) {
      const good = call.signal.aborted ? undefined : verdict(error);
      if (good !== undefined) await record(scope, good);
      throw error;
    }
  };

  async function admitProbe(scope: string, row: CircuitRow): Promise<void> {
    const elapsed = now() - row.since;
    // Before its own beginning: the clock was set back, and how long the circuit was open is not known.
    const wait = elapsed < 0 ? 0 : policy.resetAfterMs - elapsed;
    // Compare-and-set: of all processes that see the time come, one sends the probe.
    const mine =
      wait <= 0 && (await store.saveCircuit(scope, { ...row, state: 'half-open', since: now() }, row.version));
    if (mine) return;
    const seconds = Math.max(1, Math.ceil(wait / 1000));
    throw new LwiError('CIRCUIT_OPEN', `${scope} failed ${row.failures} times in a row; next try in ${seconds} s.`, {
      provider: scope.slice(0, scope.indexOf('/')),
      retryAfterMs: Math.max(1000, wait),
    });
  }

  async function record(scope: string, good: boolean): Promise<void> {
    for (;;) {
      const row = await store.circuit(scope);
      const after = good ? afterSuccess(row) : afterFailure(row, policy, now());
      if (!after || (await store.saveCircuit(scope, after, row.version))) return;
    }
  }
}

/** Whether a failure speaks for the provider (it answered) or against it; undefined: it is about something here (the store, a stop). */
function verdict(error: unknown): boolean | undefined {
  if (isLwiError(error, ...TROUBLE)) return false;
  return isLwiError(error) && error.facts.statusCode !== undefined ? true : undefined;
}

/** State after a good answer; undefined when nothing changes. */
export function afterSuccess(row: CircuitRow): State | undefined {
  return row.state === 'closed' && row.failures === 0 ? undefined : CLOSED;
}

/** State after trouble at the provider; undefined when nothing changes. */
export function afterFailure(row: CircuitRow, policy: CircuitPolicy, now: number): State | undefined {
  const failures = row.failures + 1;
  if (row.state === 'open') return undefined;
  if (row.state === 'half-open' || failures >= policy.threshold) return { state: 'open', failures, since: now };
  return { state: 'closed', failures, since: row.since };
}
