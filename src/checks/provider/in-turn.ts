import { isLwiError } from '../../errors.ts';
import type { ApiRequest } from '../../http/api-request.ts';
import type { HttpResponse } from '../../http/http.ts';
import type { ConnectionRow } from '../../store/store.ts';
import type { Bench, ClientChange } from './bench.ts';

/** Longer waits are leapt over, ms: a waiter looks every second, which is too often for a day. */
const LONGEST_WAIT_MS = 10_000;

/** After a leap it is a request's turn; more than a few mean that it never comes. */
const MOST_LEAPS = 10;

/** Sends a request when the limits let it go, however long that is by the clock of the check: the client says when, and the time is moved there. */
export async function sendInTurn(
  bench: Bench,
  row: ConnectionRow,
  request: ApiRequest,
  change?: ClientChange,
): Promise<HttpResponse> {
  const send = bench.api({ ...change, policy: { attempts: 1, deadlineMs: LONGEST_WAIT_MS } });
  for (let leaps = 0; ; leaps++) {
    try {
      return await send(bench.request(row, request), bench.call(row, request));
    } catch (error) {
      if (!isLwiError(error, 'RATE_LIMITED') || !error.facts.unsent || leaps === MOST_LEAPS) throw error;
      bench.clock.jump(error.facts.retryAfterMs ?? 0);
    }
  }
}
