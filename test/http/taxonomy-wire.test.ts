import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { isLwiError } from '../../src/errors.ts';
import { apiClient } from '../../src/http/client.ts';
import type { Call, CallMeter } from '../../src/http/http.ts';
import { DEFAULT_RETRY } from '../../src/http/retry.ts';
import { type Action, isRetryable, STATUS_ROWS, type TaxonomyRow } from '../../src/http/taxonomy.ts';
import { transport } from '../../src/http/transport.ts';
import { Secret } from '../../src/secret.ts';
import { oddServer } from '../support/odd-server.ts';
import { acme, call, database, failureOf } from './support.ts';

const ATTEMPTS = 3;
/** What the server sees of a safe request, and of an unsafe one of which nobody knows whether it was done. */
const SAFE: Readonly<Record<Action, number>> = { refresh: 2, repeat: ATTEMPTS, wait: ATTEMPTS, merge: 1, tell: 1 };
const UNSAFE: Readonly<Record<Action, number>> = { ...SAFE, repeat: 1 };

/** The whole onion over a real socket, against a server that knows one status. */
async function against(status: number, change: Partial<Call>) {
  const { url, received } = await oddServer(() => ({ status, json: { message: 'told', retry_after: 0.001 } }));
  const wire = transport({ userAgent: 'lwi-test' });
  onTestFinished(wire.close);
  let refreshes = 0;
  const tokens = {
    bearer: async () => ({ token: new Secret('old'), generation: 1 }),
    renewedBearer: async () => {
      refreshes += 1;
      return { token: new Secret('new'), generation: 2 };
    },
    ended: async () => {},
  };
  const parts = {
    ...{ clock: systemClock, random: () => 0.5, store: database(systemClock.now)(), transport: wire.send },
    ...{ verbosity: 0, log: () => {}, policy: { ...DEFAULT_RETRY, attempts: ATTEMPTS, baseDelayMs: 1, maxDelayMs: 2 } },
  };
  const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
  const send = apiClient(parts, acme(), tokens);
  const request = { method: change.repeatable === false ? 'POST' : 'GET', url: `${url}/x`, headers: {} };
  const error = await failureOf(send(request, call({ provider: 'acme', meter, ...change })));
  if (!isLwiError(error)) throw error;
  const tokensSeen = received.map(({ headers }) => headers.authorization);
  return { error, refreshes, requests: received.length, tokensSeen };
}

/** The Fetch standard has undici try a new connection once after 421 (RFC 9110, 15.5.20, allows it for every method). */
const onTheWire = ({ when }: TaxonomyRow, requests: number) => (when === 421 ? requests * 2 : requests);

describe('each status over a real socket', () => {
  it.each(STATUS_ROWS)('$when is $code, and lwi does what the table says ($action)', async (row) => {
    const { error, refreshes, requests, tokensSeen } = await against(Number(row.when), {});
    expect({
      code: error.code,
      status: error.facts.statusCode,
      retryable: error.retryable,
      refreshes,
      requests,
    }).toEqual({
      ...{ code: row.code, status: row.when, retryable: isRetryable(row) },
      ...{ refreshes: row.action === 'refresh' ? 1 : 0, requests: onTheWire(row, SAFE[row.action]) },
    });
    const last = row.action === 'refresh' ? 'Bearer new' : 'Bearer old';
    expect([tokensSeen[0], tokensSeen.at(-1)]).toEqual(['Bearer old', last]);
    if (row.hint) expect(error.hint).toBe(row.hint);
  });

  it.each(STATUS_ROWS)('a write that is answered $when is sent again only if nothing was done', async (row) => {
    const { requests } = await against(Number(row.when), { repeatable: false });
    const expected = row.unsent && row.action === 'repeat' ? ATTEMPTS : UNSAFE[row.action];
    expect(requests).toBe(onTheWire(row, expected));
  });
});
