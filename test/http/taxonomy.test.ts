import { describe, expect, it } from 'vitest';
import { type ErrorCode, isLwiError } from '../../src/errors.ts';
import { classify } from '../../src/http/classify.ts';
import { codeOfStatus, isRetryable, STATUS_ROWS, TROUBLE_ROWS } from '../../src/http/taxonomy.ts';
import { mycarrierpackets } from '../../src/providers/mycarrierpackets/provider.ts';
import type { Provider, ProviderFault } from '../../src/providers/provider.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import { START } from '../support/virtual-clock.ts';
import { acme, call, failureOf, REQUEST, response, wire } from './support.ts';

const MATRIX: readonly (readonly [number, ErrorCode, retryable: boolean, exit: number])[] = [
  [400, 'BAD_REQUEST', false, 4],
  [401, 'UNAUTHORIZED', false, 3],
  [403, 'FORBIDDEN', false, 4],
  [404, 'NOT_FOUND', false, 4],
  [409, 'CONFLICT', false, 4],
  [422, 'VALIDATION_FAILED', false, 4],
  [429, 'RATE_LIMITED', true, 5],
  [500, 'SERVER_ERROR', true, 5],
  [502, 'SERVER_ERROR', true, 5],
  [503, 'SERVER_ERROR', true, 5],
  [504, 'SERVER_ERROR', true, 5],
  [408, 'TIMEOUT', true, 5],
  [402, 'PROVIDER_REFUSED', false, 4],
  [405, 'BAD_REQUEST', false, 4],
  [406, 'BAD_REQUEST', false, 4],
  [407, 'NETWORK', false, 5],
  [410, 'NOT_FOUND', false, 4],
  [412, 'CONFLICT', false, 4],
  [413, 'BAD_REQUEST', false, 4],
  [415, 'BAD_REQUEST', false, 4],
  [423, 'CONFLICT', false, 4],
  [425, 'SERVER_ERROR', true, 5],
  [428, 'BAD_REQUEST', false, 4],
  [431, 'BAD_REQUEST', false, 4],
  [451, 'PROVIDER_REFUSED', false, 4],
  [501, 'PROVIDER_REFUSED', false, 4],
  [505, 'PROVIDER_REFUSED', false, 4],
  [507, 'PROVIDER_REFUSED', false, 4],
  [511, 'NETWORK', false, 5],
  [520, 'SERVER_ERROR', true, 5],
  [999, 'SERVER_ERROR', true, 5],
  [418, 'PROVIDER_REFUSED', false, 4],
  [301, 'PROVIDER_REFUSED', false, 4],
  [302, 'PROVIDER_REFUSED', false, 4],
  [101, 'BAD_RESPONSE', true, 5],
];

/** Runs one answer through the layer. */
function through(provider: Provider, answer: ReturnType<typeof response>, raw = false) {
  return classify(provider, () => START)(wire(answer).send)(REQUEST, call({ provider: provider.id, raw }));
}

/** Code and whether it may be repeated, which is what the layers above go by. */
async function verdict(provider: Provider, answer: ReturnType<typeof response>) {
  const error = await failureOf(through(provider, answer));
  return isLwiError(error) ? [error.code, error.retryable] : error;
}

describe('the status matrix', () => {
  it.each(MATRIX)('%i is %s, retryable: %s, exit code %i', async (status, code, retryable, exit) => {
    const error = await failureOf(through(acme(), response(status, {})));
    expect(isLwiError(error) && [error.code, error.retryable, error.exitCode]).toEqual([code, retryable, exit]);
  });

  it('says for each row what lwi does by itself, and does not promise to repeat what it calls hopeless', () => {
    const rows = [...STATUS_ROWS, ...TROUBLE_ROWS];
    expect(new Set(rows.map(({ when }) => when)).size).toBe(rows.length);
    const repeated = rows.filter(({ action }) => action === 'repeat' || action === 'wait');
    expect(repeated.filter((row) => !isRetryable(row))).toEqual([]);
    // An open circuit passes, but nothing is repeated until then.
    const waiting = rows.filter((row) => isRetryable(row) && !repeated.includes(row));
    expect(waiting.map(({ code }) => code)).toEqual(['CIRCUIT_OPEN']);
  });

  it.each([200, 201, 204, 299])('%i is an answer', async (status) => {
    expect(codeOfStatus(status)).toBeUndefined();
    expect((await through(acme(), response(status, {}))).status).toBe(status);
  });
});

const mute: Provider = { ...acme(), classify: () => undefined, redact: [/\bTK-\d+/g] };

describe('a failed answer', () => {
  it('is told by status, body and method, not by the status alone', async () => {
    expect(await verdict(slack, response(200, { ok: false, error: 'ratelimited' }))).toEqual(['RATE_LIMITED', true]);
    expect(await verdict(slack, response(200, { ok: false, error: 'missing_scope' }))).toEqual(['FORBIDDEN', false]);
    const fault = { Fault: { Error: [{ Message: 'stale', code: '5010' }], type: 'ValidationFault' } };
    expect(await verdict(quickbooks, response(200, fault))).toEqual(['CONFLICT', false]);
    const throttle =
      '<IntuitResponse><Fault type="SERVICE"><Error code="3001"><Message>ThrottleExceeded</Message></Error></Fault></IntuitResponse>';
    expect(await verdict(quickbooks, response(403, throttle))).toEqual(['RATE_LIMITED', true]);
    expect(await verdict(mycarrierpackets, response(401, ''))).toEqual(['UNAUTHORIZED', false]);
  });

  it('lets the reading of the provider override the status', async () => {
    const read = (fault: ProviderFault): Provider => ({ ...acme(), classify: () => fault });
    expect(await verdict(read({ message: 'x', code: 'NOT_FOUND' }), response(500))).toEqual(['NOT_FOUND', false]);
    expect(await verdict(read({ message: 'x' }), response(404))).toEqual(['NOT_FOUND', false]);
    expect(await verdict(read({ message: 'x' }), response(200))).toEqual(['PROVIDER_REFUSED', false]);
    expect(await verdict(read({ message: 'x', refresh: true }), response(403))).toEqual(['UNAUTHORIZED', false]);
  });

  it('carries the facts of the case', async () => {
    const answer = response(
      429,
      { Fault: { Error: [{ Message: 'too many', code: '3001' }] } },
      { intuit_tid: 't-1', 'retry-after': '7' },
    );
    const error = await failureOf(through(quickbooks, answer));
    expect(isLwiError(error) && [error.toJSON(), error.facts.answer]).toEqual([
      {
        code: 'RATE_LIMITED',
        message: expect.stringMatching(/^QuickBooks Online answered 429: /),
        hint: expect.any(String),
        provider: 'quickbooks',
        account: 'acme',
        statusCode: 429,
        providerCode: '3001',
        requestId: 't-1',
        retryable: true,
        retryAfterMs: 7000,
      },
      answer,
    ]);
  });

  it('shows the first words of a page that nobody can read, without its tags', async () => {
    const page = `<html><h1>Bad   Gateway</h1>${'x'.repeat(500)}</html>`;
    expect(await failureOf(through(mute, response(502, page)))).toMatchObject({
      message: `Acme answered 502: Bad Gateway ${'x'.repeat(148)}…`,
    });
  });

  it('says so when there is nothing to read', async () => {
    expect(await failureOf(through(mute, response(500, '')))).toMatchObject({
      message: 'Acme answered 500: nothing more',
    });
  });

  it('has no token in its message, also when the provider repeats it', async () => {
    const error = await failureOf(through(mute, response(400, 'bad header: Bearer abcdefghijklmnop and TK-1234')));
    expect(isLwiError(error) && error.message).toBe('Acme answered 400: bad header: [redacted] and [redacted]');
  });
});

describe('when to come back', () => {
  const facts = async (provider: Provider, answer: ReturnType<typeof response>) => {
    const error = await failureOf(through(provider, answer));
    return isLwiError(error) && [error.retryable, error.facts.retryAfterMs];
  };
  const throttle = { Fault: { Error: [{ Message: 'too many', code: '3001' }] } };

  it.each([
    ['by header', acme(), response(429, {}, { 'retry-after': '7' }), [true, 7000]],
    ['by header of an outage', acme(), response(503, '', { 'retry-after': '9' }), [true, 9000]],
    ['by body', acme(), response(429, { retry_after: 2 }), [true, 2000]],
    ['by a header before the body', acme(), response(429, { retry_after: 2 }, { 'retry-after': '1' }), [true, 1000]],
    ['by the rule of the provider', quickbooks, response(429, throttle), [true, 60_000]],
    [
      'by that rule where the header is nonsense',
      quickbooks,
      response(429, throttle, { 'retry-after': 'x' }),
      [true, 60_000],
    ],
    ['by code under 403', quickbooks, response(403, throttle), [true, 60_000]],
    ['inside 200', slack, response(200, { ok: false, error: 'ratelimited' }, { 'retry-after': '30' }), [true, 30_000]],
    ['in a refusal under 403', acme(), response(403, '', { 'retry-after': '5' }), [true, 5000]],
    ['not known', acme(), response(429, {}), [true, undefined]],
    ['not said of what is hopeless', acme(), response(404, {}, { 'retry-after': '7' }), [false, undefined]],
  ])('is known %s', async (_name, provider, answer, expected) => {
    expect(await facts(provider, answer)).toEqual(expected);
  });
});

describe('a call that expects JSON', () => {
  const asked = (answer: ReturnType<typeof response>) =>
    classify(acme(), () => START)(wire(answer).send)(REQUEST, call({ expects: 'json' }));
  const PAGE = '<html><style>b{}</style><title>Sign in</title><script>x()</script></html>';

  it.each([
    ['a login page', PAGE, 'Acme answered 200 without JSON: Sign in'],
    ['nothing', '', 'Acme answered 200 without JSON: nothing more'],
    ['half an object', '{"data":[', 'Acme answered 200 without JSON: {"data":['],
  ])('takes %s for a bad response, to be repeated', async (_name, body, message) => {
    const error = await failureOf(asked(response(200, body, { 'x-request-id': 'r-9' })));
    expect(isLwiError(error) && [error.code, error.retryable, error.message, error.facts.requestId]).toEqual([
      ...['BAD_RESPONSE', true, message, 'r-9'],
    ]);
  });

  it('takes JSON of every kind', async () => {
    for (const body of ['{}', '[]', ' null\n', '1', '"a"']) expect((await asked(response(200, body))).status).toBe(200);
  });

  it('is nothing to a call that does not', async () => {
    expect((await through(acme(), response(200, PAGE))).status).toBe(200);
  });
});

describe('a raw call', () => {
  it.each([400, 401, 403, 404, 302])('gets %i back to read it itself', async (status) => {
    expect((await through(acme(), response(status, { error: 'invalid_grant' }), true)).status).toBe(status);
  });

  it.each([
    [429, 'RATE_LIMITED'],
    [500, 'SERVER_ERROR'],
    [503, 'SERVER_ERROR'],
  ])('still fails for %i', async (status, code) => {
    expect(await failureOf(through(acme(), response(status, {}), true))).toMatchObject({ code });
  });

  it('is not read by the provider, whose errors of the API mean something else', async () => {
    expect((await through(slack, response(200, { ok: false, error: 'invalid_auth' }), true)).status).toBe(200);
  });
});
