import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock, systemUptime } from '../../src/clock.ts';
import { isLwiError, LwiError } from '../../src/errors.ts';
import { apiClient } from '../../src/http/client.ts';
import type { CallMeter } from '../../src/http/http.ts';
import { DEFAULT_RETRY, type RetryPolicy, retryBudget } from '../../src/http/retry.ts';
import { DEFAULT_TIMEOUTS } from '../../src/http/timeouts.ts';
import { transport } from '../../src/http/transport.ts';
import { seededRandom } from '../../src/mock/seeded-random.ts';
import { Secret } from '../../src/secret.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { listening } from '../support/listening.ts';
import { acme, call } from './support.ts';

const POLICY: RetryPolicy = { ...DEFAULT_RETRY, attempts: 3, baseDelayMs: 5, maxDelayMs: 50, deadlineMs: 8000 };
const TIMEOUTS = { ...DEFAULT_TIMEOUTS, connectMs: 1000, headersMs: 1000, bodyMs: 1000, attemptMs: 2000 };

/** What a peer does with one request, down to the bytes. */
type Deed = (request: IncomingMessage, answer: ServerResponse) => void;

const json = (status: number, headers: Record<string, string> = {}): Deed => {
  return (_request, answer) =>
    void answer.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{}');
};
const DEEDS: Readonly<Record<string, Deed>> = {
  200: json(200),
  404: json(404),
  429: json(429, { 'retry-after': '0' }),
  500: json(500),
  '503 for a second': json(503, { 'retry-after': '1' }),
  'a page': (_request, answer) =>
    void answer.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>'),
  'cut before': (request) => void request.socket.destroy(),
  'cut in the middle': (request, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    answer.write('{"half":', () => request.socket.destroy());
  },
  'no HTTP': (request) => void request.socket.end('I am a teapot\r\n\r\n'),
  'no answer': () => {},
  'no end': (_request, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.write('{');
  },
};
/** After these nobody knows whether an unsafe request was carried out. */
const UNKNOWN = Object.keys(DEEDS).filter((name) => name !== '429');

/** A provider on a socket that does to each path what its list says, the last one again and again. */
async function peer(
  lists: ReadonlyMap<string, readonly string[]>,
): Promise<{ url: string; done: Map<string, string[]> }> {
  const done = new Map<string, string[]>();
  const server = createServer((request, answer) => {
    const path = request.url ?? '';
    const before = done.get(path) ?? [];
    const list = lists.get(path) ?? ['200'];
    const name = list[Math.min(before.length, list.length - 1)] ?? '200';
    done.set(path, [...before, name]);
    DEEDS[name]?.(request, answer);
  });
  return { url: await listening(server), done };
}

describe('a provider that fails by any schedule, over real sockets', () => {
  it('fifty schedules: each call ends by its deadline in success or the right error, no unsafe request goes out twice, and repeats stay within the budget', async () => {
    const draw = seededRandom(4411);
    const names = Object.keys(DEEDS);
    const plans = Array.from({ length: 50 }, (_, at) => ({
      path: `/plan/${at}`,
      repeatable: draw() < 0.7,
      list: Array.from({ length: 1 + Math.floor(draw() * 4) }, () => names[Math.floor(draw() * names.length)] ?? '200'),
    }));
    const { url, done } = await peer(new Map(plans.map(({ path, list }) => [path, list])));
    const wire = transport({ userAgent: 'lwi', timeouts: () => TIMEOUTS });
    onTestFinished(() => wire.close());
    const provider = acme({
      api: { baseUrl: url },
      limits: [{ permits: 1000, perMs: 1000, burst: 1000, concurrency: 50 }],
    });
    const tokens = {
      bearer: async () => ({ token: new Secret('a-token-of-acme'), generation: 1 }),
      renewedBearer: () => Promise.reject(new LwiError('RECONNECT_REQUIRED', 'over')),
      ended: async () => {},
    };
    const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
    const budget = retryBudget();
    const outcomes: { path: string; repeatable: boolean; ended: unknown; tookMs: number }[] = [];
    const run = async ({ path, repeatable }: (typeof plans)[number]) => {
      // A store each: the circuit of one host would end the other schedules.
      const file = `${temporaryDirectory()}/lwi.db`;
      const store = openSqliteStore(file, { now: systemClock.now, uptime: systemUptime });
      onTestFinished(() => store.close());
      const parts = { clock: systemClock, random: draw, store, transport: wire.send, budget, policy: POLICY };
      const send = apiClient({ ...parts, verbosity: 0, log: () => {} }, provider, tokens);
      const began = performance.now();
      const options = { limits: ['default'], repeatable, meter, expects: 'json' as const };
      const ended = await send({ method: 'POST', url: url + path, headers: {} }, call(options)).then(
        () => 'done',
        (error: unknown) => (isLwiError(error) ? error.code : error),
      );
      outcomes.push({ path, repeatable, ended, tookMs: performance.now() - began });
    };
    // Ten at a time, so that a small machine is not late by itself.
    const waiting = [...plans];
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        for (let plan = waiting.shift(); plan; plan = waiting.shift()) await run(plan);
      }),
    );
    const told: Readonly<Record<string, readonly unknown[]>> = {
      200: ['done'],
      404: ['NOT_FOUND'],
      429: ['RATE_LIMITED'],
      500: ['SERVER_ERROR', 'CIRCUIT_OPEN'],
      '503 for a second': ['SERVER_ERROR', 'CIRCUIT_OPEN'],
      'a page': ['BAD_RESPONSE', 'CIRCUIT_OPEN'],
    };
    for (const { path, repeatable, ended, tookMs } of outcomes) {
      const seen = done.get(path) ?? [];
      const last = seen.at(-1) ?? '';
      expect({ path, seen, ended }).toEqual({ path, seen, ended: expect.any(String) });
      // A machine that is busy may miss an answer that came.
      expect([...(told[last] ?? ['NETWORK', 'CIRCUIT_OPEN']), 'TIMEOUT']).toContain(ended);
      if (!repeatable) expect(seen.slice(0, -1).filter((name) => UNKNOWN.includes(name))).toEqual([]);
      // The whole machine may stand still for a while; what is proven is that no call goes on without end.
      expect(tookMs).toBeLessThan(POLICY.deadlineMs + 20_000);
    }
    expect(meter.retries).toBeLessThanOrEqual(10 + 0.2 * plans.length);
    expect(meter.requests).toBe([...done.values()].reduce((sum, seen) => sum + seen.length, 0));
  }, 60_000);
});
