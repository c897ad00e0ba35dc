import type { LimitRule } from '../../src/providers/provider.ts';
import type { Store } from '../../src/store/store.ts';

/** A request that asks at `at` and, once it may go, is in flight for `flightMs`. */
export interface Request {
  readonly at?: number;
  readonly rank?: number;
  readonly rules: readonly LimitRule[];
  readonly flightMs?: number;
  readonly scope?: string;
  /** It stops asking at this time without a word, as a killed process does. */
  readonly diesAt?: number;
  /** It leaves the queue at this time. */
  readonly leavesAt?: number;
  /** Which of the stores it asks; default: the first. */
  readonly store?: number;
}

export const rule = (permits: number, perMs: number, burst: number, more: Partial<LimitRule> = {}): LimitRule => ({
  ...{ name: 'default', permits, perMs, burst, concurrency: 1000 },
  ...more,
});

interface Event {
  readonly at: number;
  readonly run: () => Promise<void>;
}

/**
 * Lets the requests wait as the rate limit does, in a time that only this function moves: it goes from event to event. Gives the time at which
 * each request was sent; undefined for one that died or left first.
 */
export async function runQueue(
  stores: readonly Store[],
  time: { now: number },
  requests: readonly Request[],
): Promise<(number | undefined)[]> {
  const sent: (number | undefined)[] = requests.map(() => undefined);
  const start = time.now;
  const events: Event[] = [];
  const storeOf = (request: Request) => stores[request.store ?? 0] as Store;
  const ask = async (index: number, request: Request, ticket?: number): Promise<void> => {
    if (request.leavesAt !== undefined && time.now - start >= request.leavesAt) {
      if (ticket !== undefined) await storeOf(request).leaveQueue(ticket);
      return;
    }
    if (request.diesAt !== undefined && time.now - start >= request.diesAt) return;
    const { scope = 's', rank = 0, rules, flightMs = 0 } = request;
    const answer = await storeOf(request).takePermit({ scope, rank, rules, ticket, ttlMs: 15_000 });
    if ('permit' in answer) {
      sent[index] = time.now - start;
      const land = () => storeOf(request).settlePermit(answer.permit, { answered: true });
      if (flightMs === 0) await land();
      else events.push({ at: time.now + flightMs, run: land });
      return;
    }
    if (!(answer.askInMs > 0)) throw new Error(`whoever waits would ask without end: ${JSON.stringify(answer)}`);
    const leaves = start + (request.leavesAt ?? Number.POSITIVE_INFINITY);
    const at = Math.min(leaves, time.now + Math.max(1, Math.ceil(answer.askInMs)));
    events.push({ at, run: () => ask(index, request, answer.ticket) });
  };
  for (const [index, request] of requests.entries()) {
    events.push({ at: start + (request.at ?? 0), run: () => ask(index, request) });
  }
  for (let next = earliest(events); next; next = earliest(events)) {
    time.now = Math.max(time.now, next.at);
    await next.run();
  }
  return sent;
}

function earliest(events: Event[]): Event | undefined {
  const first = events.reduce<Event | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
  if (first) events.splice(events.indexOf(first), 1);
  return first;
}

/** Most of the times in any half-open window of `perMs`. */
export function fullestWindow(times: readonly (number | undefined)[], perMs: number): number {
  const sorted = times.filter((time) => time !== undefined).toSorted((a, b) => a - b);
  return Math.max(0, ...sorted.map((start) => sorted.filter((time) => time >= start && time < start + perMs).length));
}
