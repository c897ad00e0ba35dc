import { describe, expect, test } from 'vitest';
import { classify } from '../../src/providers/quickbooks/classify.ts';
import { faultCodes } from '../../src/providers/quickbooks/fault-codes.ts';
import { answer } from './support.ts';

const TID = { intuit_tid: '1-abc' };

const fault = (code: string, Message: string, Detail = '') => ({
  Fault: { Error: [{ Message, Detail, code, element: '' }], type: 'ValidationFault' },
  time: '2026-01-05T02:00:00.000-08:00',
});

const xml = (status: number) =>
  `<IntuitResponse time="2026-01-05T02:00:00.000-08:00"><Fault type="SERVICE"><Error code="3001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode=${status}</Message><Detail>The request limit was reached.  Try again later</Detail></Error></Fault></IntuitResponse>`;

const throttled = (status: number) => ({
  code: 'RATE_LIMITED',
  providerCode: '3001',
  message: `message=ThrottleExceeded; errorCode=003001; statusCode=${status}: The request limit was reached. Try again later`,
  retryAfterMs: 60_000,
});

describe('the three shapes of a Fault', () => {
  test('capitalised JSON', () => {
    expect(classify(answer(400, fault('610', 'Object Not Found', 'made-up'), TID))).toEqual({
      code: 'NOT_FOUND',
      providerCode: '610',
      message: 'Object Not Found: made-up',
      requestId: '1-abc',
    });
  });

  test('lower-case JSON of the gateway asks for a refresh', () => {
    const message = 'message=AuthenticationFailed; errorCode=003200; statusCode=401';
    const error = [{ message, detail: 'Token expired', code: '3200', element: null }];
    const body = {
      warnings: null,
      intuitObject: null,
      fault: { error, type: 'AUTHENTICATION' },
      requestId: null,
      time: 1,
    };
    expect(classify(answer(401, body, TID))).toEqual({
      code: 'UNAUTHORIZED',
      providerCode: '3200',
      message: `${message}: Token expired`,
      refresh: true,
      requestId: '1-abc',
    });
  });

  test('XML, although JSON was asked for', () => {
    expect(classify(answer(429, xml(429)))).toEqual(throttled(429));
  });
});

test('throttling is known by its code where the status is 403', () => {
  expect(classify(answer(403, xml(403)))).toEqual(throttled(403));
});

test('a 429 without a readable body is throttling all the same', () => {
  expect(classify(answer(429, '<html>'))).toEqual({
    code: 'RATE_LIMITED',
    message: 'too many requests',
    retryAfterMs: 60_000,
  });
});

test('a 401 without a Fault asks for a refresh', () => {
  expect(classify(answer(401, ''))).toEqual({
    code: 'UNAUTHORIZED',
    message: 'the access token was not accepted',
    refresh: true,
  });
});

test('foreign keys are explained and not refreshed, even under 401', () => {
  const body = fault('3100', 'ApplicationAuthorizationFailed');
  for (const status of [401, 403]) {
    expect(classify(answer(status, body))).toEqual({
      code: 'FORBIDDEN',
      providerCode: '3100',
      message:
        'ApplicationAuthorizationFailed; the keys do not fit this company: development keys work only with sandbox companies, production keys only with real ones',
    });
  }
});

test.each([
  ['120', 'FORBIDDEN'],
  ['121', 'FORBIDDEN'],
  ['500', 'BAD_REQUEST'],
  ['610', 'NOT_FOUND'],
  ['2020', 'VALIDATION_FAILED'],
  ['2050', 'VALIDATION_FAILED'],
  ['003001', 'RATE_LIMITED'],
  ['4001', 'BAD_REQUEST'],
  ['5010', 'CONFLICT'],
  ['6000', 'VALIDATION_FAILED'],
  ['6140', 'VALIDATION_FAILED'],
  ['6240', 'VALIDATION_FAILED'],
  ['10000', 'SERVER_ERROR'],
  ['0', undefined],
  ['-1', undefined],
])('code %s under 400 is %s', (code, expected) => {
  expect(classify(answer(400, fault(code, 'made-up')))?.code).toBe(expected);
});

test.each(faultCodes.map((row) => [row.code, row] as const))('code %s is what the reference says', (_code, row) => {
  for (const code of [row.from, Number.isFinite(row.to) ? row.to : 99_999]) {
    const exact = faultCodes.find((other) => other.from === code && other.to === code) ?? row;
    expect(classify(answer(400, fault(String(code), 'made-up')))?.code).toBe(exact.error);
  }
});

test('a person who lost the rights is told so under 401, and nothing is refreshed', () => {
  const message =
    'AuthorizationFailure; the person who connected this company is no administrator of it any more: connect it as one who is';
  expect(classify(answer(401, fault('120', 'AuthorizationFailure')))).toEqual({
    ...{ code: 'FORBIDDEN', providerCode: '120', message },
  });
});

describe('a Fault inside 200', () => {
  test('at the top', () => {
    expect(classify(answer(200, fault('6000', 'business')))).toEqual({
      code: 'VALIDATION_FAILED',
      providerCode: '6000',
      message: 'business',
    });
  });

  test('in some items of a batch is never repeated as a whole, even when it is throttling', () => {
    const done = { bId: 'a', Customer: { Id: '1' } };
    const body = { BatchItemResponse: [done, { bId: 'b', ...fault('3001', 'throttled') }] };
    expect(classify(answer(200, body))).toEqual({
      code: 'PROVIDER_REFUSED',
      providerCode: '3001',
      message: '1 of 2 items failed, first b: throttled',
    });
  });

  test('in all items of a batch is what it is', () => {
    const body = { BatchItemResponse: [{ bId: 'a', ...fault('3001', 'throttled') }] };
    expect(classify(answer(200, body))).toEqual({
      code: 'RATE_LIMITED',
      providerCode: '3001',
      message: '1 of 1 items failed, first a: throttled',
      retryAfterMs: 60_000,
    });
  });

  test('is not seen where a record merely speaks of one', () => {
    const invoice = { Id: '1', PrivateNote: 'Fault', CustomField: [{ Fault: 'x' }] };
    expect(classify(answer(200, { QueryResponse: { Invoice: [invoice] } }))).toBeUndefined();
  });
});

test('a long text of broken XML is given up on quickly and read as a Fault without words', () => {
  const broken = `<Fault ${'<Error '.repeat(100_000)}`;
  expect(classify(answer(500, broken))).toEqual({ message: 'failed without a message' });
});

test('entities of XML are read', () => {
  const body =
    '<IntuitResponse><Fault type="x"><Error code="6000"><Message>a &lt; b &amp; c</Message></Error></Fault></IntuitResponse>';
  expect(classify(answer(400, body))?.message).toBe('a < b & c');
});
