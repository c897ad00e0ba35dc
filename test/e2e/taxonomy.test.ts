import { cpSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { ERROR_KINDS } from '../../src/errors.ts';
import { type Action, isRetryable, rowOfStatus } from '../../src/http/taxonomy.ts';
import { certificate } from '../support/certificate.ts';
import { type Answer, oddServer, type Received } from '../support/odd-server.ts';
import { failureOf, inThisProcess, openScenario, type Scenario, withEnvironment } from '../support/scenario.ts';

const ATTEMPTS = 3;
/** Statuses of the table take many processes; so many run at once. */
const AT_ONCE = 3;
const DAY_MS = 86_400_000;

/** How many requests the server sees for a safe one, by what lwi does about the answer. A provider in JSON has no rule for merging. */
const REQUESTS: Readonly<Record<Action, number>> = { refresh: 2, repeat: ATTEMPTS, wait: ATTEMPTS, merge: 1, tell: 1 };

interface Acme {
  readonly lwi: Scenario;
  readonly received: readonly Received[];
  /** Runs a command in a home of its own, as it was after connecting: no circuit has seen anything. */
  fresh(words: readonly string[]): ReturnType<Scenario['run']>;
  /** How often the server was asked for this path. */
  asked(path: string): number;
}

/** The provider `acme` and others of its kind at a server that answers `/v1/…` as it is told, connected by client credentials. */
async function openAcme(
  answer: (request: Received) => Answer,
  others: Readonly<Record<string, string>> = {},
  attemptMs?: number,
): Promise<Acme> {
  let tokens = 0;
  const { url, received } = await oddServer((request) => {
    if (request.path !== '/token') return answer(request);
    tokens += 1;
    return { json: { access_token: `made-up-${tokens}`, token_type: 'bearer', expires_in: 3600 } };
  });
  const opened = inThisProcess(await openScenario());
  const env: Record<string, string | undefined> = { LWI_ENV: undefined };
  const provider = (id: string, baseUrl: string) => {
    env[`LWI_${id.toUpperCase()}_CLIENT_ID`] = 'app';
    env[`LWI_${id.toUpperCase()}_CLIENT_SECRET`] = 'app-secret';
    return {
      ...{ id, title: 'Acme', api: { baseUrl, requestIdHeader: 'x-rid' } },
      oauth: { grant: 'client_credentials', tokenEndpoint: `${url}/token` },
      limits: [{ permits: 100_000, perMs: 1000, burst: 1000, concurrency: 50 }],
      streams: [{ name: 'items', path: '/items' }],
    };
  };
  const all = Object.entries({ acme: `${url}/v1`, ...others });
  const config = {
    providers: Object.fromEntries(all.map(([id, baseUrl]) => [id, provider(id, baseUrl)])),
    retry: { attempts: ATTEMPTS, baseDelayMs: 1, maxDelayMs: 2 },
  };
  opened.config(config);
  const lwi = withEnvironment(opened, env);
  for (const [id] of all) await lwi.connected([id]);
  // Only now, so that a slow machine connects all the same.
  if (attemptMs) opened.config({ ...config, timeouts: { providers: { acme: { attemptMs } } } });
  let homes = 0;
  const fresh = (words: readonly string[]) => {
    homes += 1;
    const home = join(opened.cwd, `home-${homes}`);
    cpSync(opened.home, home, { recursive: true });
    return lwi.run(words, { env: { LWI_HOME: home } });
  };
  return { lwi, received, fresh, asked: (path) => received.filter((request) => request.path === path).length };
}

/** Does all the work, a few pieces at once, and keeps the order. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** `/v1/503` is answered with that status; a throttled one says in its body how long to wait. */
function byPath({ path }: Received): Answer {
  const status = Number(path.split('/').at(-1));
  const json = { message: `told ${status}`, ...(status === 429 ? { retry_after: 0.02 } : {}) };
  return { status, json, headers: { 'x-rid': `r-${status}` } };
}

describe('through the built command, against a provider in JSON', () => {
  // Every status of the table goes over a real socket in test/http/taxonomy-wire.test.ts; here are those of the seed, and one of each other kind.
  test('a status ends as the table says: exit code, code, whether to come back, and what was sent', {
    timeout: 60_000,
  }, async () => {
    const { fresh, asked } = await openAcme(byPath);
    const statuses = [
      301, 400, 401, 402, 403, 404, 408, 409, 410, 412, 422, 425, 429, 500, 501, 502, 503, 504, 511, 599,
    ];
    const rows = statuses.map((status) => rowOfStatus(status)).filter((row) => row !== undefined);
    const seen = await inTurns(rows, async ({ when }) => {
      const { exit, error } = failureOf(await fresh(['api', 'acme', `/${when}`, '--json']));
      return { exit, error, requests: asked(`/v1/${when}`) };
    });
    expect(seen).toEqual(
      rows.map((row) => ({
        exit: ERROR_KINDS[row.code].exit,
        error: {
          ...{
            code: row.code,
            message: expect.stringContaining(`told ${row.when}`),
            provider: 'acme',
            account: 'default',
          },
          hint: (row.hint ?? ERROR_KINDS[row.code].remedy).replaceAll('{provider}', 'acme'),
          ...{ statusCode: row.when, requestId: `r-${row.when}`, retryable: isRetryable(row) },
          ...(row.when === 429 ? { retryAfterMs: 20 } : {}),
        },
        requests: REQUESTS[row.action],
      })),
    );
    // One when the provider was connected, one for the 401.
    expect(asked('/token')).toBe(1 + 1);
  });

  test('a write is sent again only when nothing was done', { timeout: 60_000 }, async () => {
    const { fresh, asked } = await openAcme(byPath);
    const expected = { 401: 2, 409: 1, 408: 1, 425: ATTEMPTS, 429: ATTEMPTS, 500: 1, 503: 1 };
    const seen = await inTurns(Object.keys(expected), async (status) => {
      await fresh(['api', 'acme', `/${status}`, '-X', 'POST', '-f', 'a=b', '--json']);
      return [status, asked(`/v1/${status}`)];
    });
    expect(Object.fromEntries(seen)).toEqual(expected);
  });

  test('a refreshed token is the last thing that is tried, and a good one ends the trouble', async () => {
    const { lwi, received } = await openAcme(({ headers }) =>
      headers.authorization === 'Bearer made-up-2' ? { json: { fine: true } } : { status: 401, json: {} },
    );
    expect(await lwi.run(['api', 'acme', '/me'])).toMatchObject({ code: 0, stdout: '{"fine":true}' });
    expect(received.map(({ path, headers }) => [path, headers.authorization?.replace(/^Basic .*/, 'Basic')])).toEqual([
      ['/token', 'Basic'],
      ['/v1/me', 'Bearer made-up-1'],
      ['/token', 'Basic'],
      ['/v1/me', 'Bearer made-up-2'],
    ]);
  });

  test.each<[string, Answer, object]>([
    ['a connection that breaks', 'cut', { code: 'NETWORK' }],
    [
      'an answer that never comes',
      'hang',
      { code: 'TIMEOUT', message: expect.stringContaining('`timeouts.attemptMs` in the config') },
    ],
    [
      'a login page with status 200',
      { html: '<html><title>Sign in</title></html>' },
      { code: 'BAD_RESPONSE', statusCode: 200, message: 'Acme answered 200 without JSON: Sign in' },
    ],
    [
      'an outage with a Retry-After',
      { status: 503, json: {}, headers: { 'retry-after': '0' } },
      { code: 'SERVER_ERROR', retryAfterMs: 0 },
    ],
  ])('%s is tried again, and is code 5 in the end', async (_name, answer, error) => {
    const { lwi, asked } = await openAcme(() => answer, {}, answer === 'hang' ? 300 : undefined);
    expect(failureOf(await lwi.run(['sync', 'acme', '--json']))).toMatchObject({
      exit: 5,
      error: { retryable: true, ...error },
    });
    expect(asked('/v1/items')).toBe(ATTEMPTS);
  });

  test('a provider that keeps failing is no longer asked', async () => {
    const { lwi, asked } = await openAcme(() => ({ status: 500, json: {} }));
    const api = async () => failureOf(await lwi.run(['api', 'acme', '/me', '--json']));
    let failed = await api();
    for (let runs = 0; runs < 12 && failed.error['code'] !== 'CIRCUIT_OPEN'; runs++) failed = await api();
    expect(failed).toMatchObject({
      exit: 5,
      error: { code: 'CIRCUIT_OPEN', retryable: true, retryAfterMs: expect.any(Number) },
    });
    const before = asked('/v1/me');
    expect(await api()).toMatchObject({ error: { code: 'CIRCUIT_OPEN' } });
    expect(asked('/v1/me')).toBe(before);
  });

  test('a name that is not there is DNS, a certificate that does not hold is TLS and is tried once', async () => {
    let handshakes = 0;
    const now = systemClock.now();
    const wanted = { host: '127.0.0.1', from: now - DAY_MS, until: now + DAY_MS };
    const server = createServer(certificate(wanted)).on('connection', () => {
      handshakes += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { lwi } = await openAcme(() => ({ json: {} }), {
      nowhere: 'https://api.no-such-host.invalid/v1',
      selfsigned: `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    });
    expect(failureOf(await lwi.run(['api', 'nowhere', '/me', '--json']))).toMatchObject({
      ...{
        exit: 5,
        error: { code: 'DNS', retryable: true, message: expect.stringContaining('api.no-such-host.invalid') },
      },
    });
    expect(failureOf(await lwi.run(['api', 'selfsigned', '/me', '--json']))).toMatchObject({
      ...{ exit: 5, error: { code: 'TLS', retryable: false, hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') } },
    });
    expect(handshakes).toBe(1);
  });
});

describe('throttling and words about the token, in the forms that providers use', () => {
  const bearer = (error: string) => ({ 'www-authenticate': `Bearer error="${error}"` });
  test.each<[string, Answer, object, number]>([
    [
      '403 with nothing remaining',
      { status: 403, json: { retry_after: 0.02 }, headers: { 'x-ratelimit-remaining': '0' } },
      { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 20 },
      ATTEMPTS,
    ],
    [
      '401 for a scope that is missing',
      { status: 401, json: {}, headers: bearer('insufficient_scope') },
      { code: 'FORBIDDEN', retryable: false, providerCode: 'insufficient_scope' },
      1,
    ],
    [
      '403 for a token that has expired',
      { status: 403, json: {}, headers: bearer('invalid_token') },
      { code: 'UNAUTHORIZED', providerCode: 'invalid_token' },
      2,
    ],
    [
      'problem details',
      { status: 422, json: { type: 'https://acme.example/p/size', title: 'Too big', detail: 'lane is too long' } },
      {
        code: 'VALIDATION_FAILED',
        providerCode: 'https://acme.example/p/size',
        message: 'Acme answered 422: lane is too long',
      },
      1,
    ],
  ])('%s', async (_name, answer, error, requests) => {
    const { lwi, asked } = await openAcme(() => answer);
    expect(failureOf(await lwi.run(['api', 'acme', '/me', '--json'])).error).toMatchObject(error);
    expect(asked('/v1/me')).toBe(requests);
  });
});
