import { describe, expect, it } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import { apiClient, type ClientParts, oauthClient } from '../../src/http/client.ts';
import type { CallMeter, HttpResponse } from '../../src/http/http.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { Secret } from '../../src/secret.ts';
import { START, virtualClock } from '../support/virtual-clock.ts';
import { acme, call, database, failureOf, REQUEST, response, wire } from './support.ts';

const tokens = {
  bearer: async () => ({ token: new Secret('old'), generation: 1 }),
  renewedBearer: async () => ({ token: new Secret('new'), generation: 2 }),
  ended: async () => {},
};

function client(...outcomes: (HttpResponse | Error)[]) {
  const clock = virtualClock();
  const scripted = wire(...outcomes);
  const sent: number[] = [];
  const parts: ClientParts = {
    clock,
    random: () => 0.5,
    store: database(clock.now)(),
    transport: (request, options) => {
      sent.push(clock.now() - START);
      return scripted.send(request, options);
    },
    verbosity: 0,
    log: () => {},
  };
  return { clock, parts, sent, requests: scripted.requests };
}

describe('the onion', () => {
  it('gives each attempt its token and counts each physical request', async () => {
    const { clock, parts, sent, requests } = client(response(503), response(401), response(200));
    const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
    const answer = await clock.until(apiClient(parts, quickbooks, tokens)(REQUEST, call({ meter })));
    expect(answer.status).toBe(200);
    expect(requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
    expect([sent, meter]).toEqual([[0, 500, 500], { requests: 3, retries: 1, throttledMs: 0 }]);
  });

  it('waits for a 429 as long as it asks, and makes everybody wait', async () => {
    const { clock, parts, sent } = client(response(429, '', { 'retry-after': '20' }), response(200));
    await clock.until(apiClient(parts, quickbooks, tokens)(REQUEST, call({ limits: ['minute'] })));
    expect(sent).toEqual([0, 20_000]);
  });

  it('knows from the headers when a throttling ends that comes as 403 without a Retry-After', async () => {
    const reset = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(START / 1000 + 7320) };
    // The provider's clock is two hours ahead.
    const ahead = { date: new Date(START + 7_200_000).toUTCString() };
    const { clock, parts, sent } = client(response(403, {}, { ...reset, ...ahead }), response(200));
    await clock.until(apiClient(parts, acme(), tokens)(REQUEST, call({ limits: ['default'] })));
    expect(sent).toEqual([0, 120_000]);
  });

  it('spends no permit on an open circuit', async () => {
    const { clock, parts, requests } = client(new LwiError('NETWORK', 'down'));
    const send = apiClient(parts, quickbooks, tokens);
    await failureOf(clock.until(send(REQUEST, call({ limits: ['minute'] }))));
    expect(requests).toHaveLength(5);
    const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
    expect(await failureOf(clock.until(send(REQUEST, call({ limits: ['minute'], meter }))))).toMatchObject({
      code: 'CIRCUIT_OPEN',
    });
    expect([requests.length, meter]).toEqual([5, { requests: 0, retries: 0, throttledMs: 0 }]);
  });

  it('puts no token on the requests to OAuth endpoints', async () => {
    const { clock, parts, requests } = client(response(400, { error: 'invalid_grant' }));
    const answer = await clock.until(oauthClient(parts, quickbooks)(REQUEST, call({ raw: true, repeatable: false })));
    expect([answer.status, requests]).toEqual([400, [REQUEST]]);
  });
});
