import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bearerChallenge } from '../../src/providers/generic/bearer-challenge.ts';
import { classifyAnswer } from '../../src/providers/generic/fault.ts';
import { answer } from './support.ts';

const read = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  classifyAnswer(answer(status, body, headers), undefined);

describe('the body of an error', () => {
  test.each([
    ['a page of HTML', '<!DOCTYPE html><html><title>Sign in</title></html>'],
    ['nothing', ''],
    ['blanks', '   '],
    ['JSON that says nothing', {}],
  ])('%s is left to the status', (_name, body) => expect(read(404, body)).toBeUndefined());

  test.each([
    [
      'problem details (RFC 9457, 3)',
      {
        type: 'https://example.com/probs/out-of-credit',
        title: 'You do not have enough credit.',
        detail: 'Your current balance is 30, but that costs 50.',
        instance: '/account/12345/msgs/abc',
      },
      {
        message: 'Your current balance is 30, but that costs 50.',
        providerCode: 'https://example.com/probs/out-of-credit',
      },
    ],
    ['a problem without a name', { type: 'about:blank', title: 'Not Found' }, { message: 'Not Found' }],
    [
      'a list of problems (RFC 9457, 3)',
      { errors: [{ detail: "must be 'green'", pointer: '#/profile/color' }] },
      { message: "must be 'green'" },
    ],
    ['a list of texts', { errors: ['first', 'second'] }, { message: 'first' }],
    [
      'XML of S3 and its kin',
      '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>',
      { message: 'Please reduce your request rate.', providerCode: 'SlowDown' },
    ],
    [
      'problem details in XML',
      '<problem xmlns="urn:ietf:rfc:7807"><title>Gone</title><detail>made-up</detail></problem>',
      { message: 'made-up' },
    ],
  ])('%s', (_name, body, fault) => expect(read(400, body)).toEqual(fault));

  test.each([
    [{ message: 'slow', retry_after: 1.5 }, 1500],
    [{ message: 'slow', retryAfter: '3' }, 3000],
    [{ ok: false, description: 'slow', message: 'slow', parameters: { retry_after: 7 } }, 7000],
    [{ message: 'slow', retry_after: -1 }, undefined],
    [{ message: 'slow', retry_after: 1e9 }, undefined],
  ])('%j says to wait %s ms', (body, ms) => expect(read(429, body)?.retryAfterMs).toBe(ms));
});

describe('a word about the token (RFC 6750, 3.1)', () => {
  const scope =
    'Bearer realm="acme", error="insufficient_scope", error_description="more is needed", scope="loads:write"';

  test.each([401, 403])('a missing scope under %i is no matter for a refresh', (status) => {
    expect(read(status, '', { 'www-authenticate': scope })).toEqual({
      code: 'FORBIDDEN',
      providerCode: 'insufficient_scope',
      message: 'more is needed; it needs the scope loads:write',
    });
    expect(read(status, { error: 'insufficient_scope' })).toEqual({
      ...{ code: 'FORBIDDEN', providerCode: 'insufficient_scope', message: 'insufficient_scope' },
    });
  });

  test.each([400, 401, 403])('a token that is not valid under %i is refreshed', (status) => {
    const expected = { code: 'UNAUTHORIZED', providerCode: 'invalid_token', message: 'invalid_token', refresh: true };
    expect(read(status, '', { 'www-authenticate': 'Bearer error="invalid_token"' })).toEqual(expected);
    expect(read(status, { error: 'invalid_token' })).toEqual(expected);
  });

  test('the same word under another status is just a code', () => {
    expect(read(422, { error: 'invalid_token' })).toEqual({ message: 'invalid_token', providerCode: 'invalid_token' });
  });

  test('the challenge of another scheme says nothing about the token', () => {
    expect(read(401, '', { 'www-authenticate': 'Basic realm="x", error="invalid_token"' })).toBeUndefined();
  });
});

describe('throttling that comes as 403 (docs.github.com, rate limits)', () => {
  const body = { message: 'API rate limit exceeded' };

  test('is known by nothing remaining', () => {
    expect(read(403, body, { 'x-ratelimit-remaining': '0' })).toEqual({ code: 'RATE_LIMITED', ...body });
    expect(read(403, '', { 'x-ratelimit-remaining': '0' })).toEqual({ code: 'RATE_LIMITED', message: 'HTTP 403' });
  });

  test('is known by a Retry-After', () => {
    expect(read(403, body, { 'retry-after': '7' })).toEqual({ code: 'RATE_LIMITED', ...body });
  });

  test('is not seen where requests remain, nor behind a scope that is missing', () => {
    expect(read(403, body, { 'x-ratelimit-remaining': '12' })).toEqual(body);
    const headers = { 'x-ratelimit-remaining': '0', 'www-authenticate': 'Bearer error="insufficient_scope"' };
    expect(read(403, body, headers)?.code).toBe('FORBIDDEN');
  });
});

describe('the bearer challenge', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['Basic realm="x"', undefined],
    ['BearerX error="a"', undefined],
    ['Basic realm="says Bearer error=1"', undefined],
    ['Bearer', {}],
    ['bearer error=invalid_token', { error: 'invalid_token' }],
    ['Basic realm="a, b", Bearer error="invalid_token", Digest error="no"', { error: 'invalid_token' }],
    ['Bearer error="invalid_token", Basic realm="x", scope="no"', { error: 'invalid_token' }],
    ['Bearer error_description="say \\"please\\", now"', { description: 'say "please", now' }],
    ['Bearer scope = "a b" , error = "insufficient_scope"', { error: 'insufficient_scope', scope: 'a b' }],
  ])('%j', (header, expected) => expect(bearerChallenge(header)).toEqual(expected));

  test('is read out of any header without throwing, and quickly', () => {
    const piece = fc.constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'error', 'a'.repeat(50), 'Basic', '\t');
    fc.assert(fc.property(fc.array(piece, { maxLength: 200 }), (pieces) => void bearerChallenge(pieces.join(''))));
    for (const unit of ['"', ', a', 'Bearer ', 'error="', '\\"', 'a=b '])
      bearerChallenge(`Bearer ${unit.repeat(4000)}`);
  });
});

test('any answer is read without throwing', () => {
  const bodies = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constantFrom('<a>', `<${'Message '.repeat(5000)}`, '<Code></Code>'),
  );
  fc.assert(
    fc.property(bodies, fc.integer({ min: 400, max: 599 }), (body, status) => {
      const fault = read(status, body);
      expect(fault === undefined || fault.message !== '').toBe(true);
    }),
  );
});
