import { describe, expect, test } from 'vitest';
import { isLwiError } from '../../src/errors.ts';
import { classify } from '../../src/providers/mycarrierpackets/classify.ts';
import { mycarrierpackets } from '../../src/providers/mycarrierpackets/provider.ts';
import { answer, DAY_MS, NOW, pull, read, streamNamed, windowFrom } from './support.ts';

const packets = streamNamed(mycarrierpackets.streams, 'completed-packets');
const changes = streamNamed(mycarrierpackets.streams, 'carrier-changes');
const monitored = streamNamed(mycarrierpackets.streams, 'monitored-carriers');

test('the answer of the token endpoint tells the user', () => {
  const body = {
    access_token: 'a',
    token_type: 'bearer',
    expires_in: '1209599',
    refresh_token: 'r',
    userName: 'api@example.com',
  };
  const adapted = mycarrierpackets.oauth.adaptTokenAnswer({ status: 200, body });
  expect(adapted).toEqual({ status: 200, body: { ...body, expires_in: 1209599 } });
  expect(mycarrierpackets.oauth.readGrant({ body: adapted.body, callback: {}, idToken: {} })).toEqual({
    externalId: 'api@example.com',
    externalUserId: 'api@example.com',
  });
});

describe('failures', () => {
  test.each([
    [
      'a refused token',
      answer(401, { Message: 'Authorization has been denied for this request.' }),
      { code: 'UNAUTHORIZED', message: 'Authorization has been denied for this request.', refresh: true },
    ],
    [
      'a refused token without a word',
      answer(401, ''),
      { code: 'UNAUTHORIZED', message: 'the access token was not accepted', refresh: true },
    ],
    ['an unknown carrier', answer(404, ''), { code: 'NOT_FOUND', message: 'no such carrier or document' }],
    ['lower case', answer(400, { message: 'made-up' }), { message: 'made-up' }],
    ['a JSON string', answer(400, '"made-up"'), { message: 'made-up' }],
    ['plain text', answer(400, 'made-up\r\n text'), { message: 'made-up text' }],
    ['a page of HTML', answer(502, '<html>bad gateway</html>'), undefined],
    ['an empty answer', answer(500, ''), undefined],
    [
      'Success:false',
      answer(200, { Success: false, Message: 'made-up' }),
      { code: 'PROVIDER_REFUSED', message: 'made-up' },
    ],
    [
      'succeeded:false',
      answer(200, { succeeded: false, message: 'made-up', data: [] }),
      { code: 'PROVIDER_REFUSED', message: 'made-up' },
    ],
    [
      'a failing ResponseDO',
      answer(200, { ResponseDO: { status: 'FAILURE', action: 'x', code: '17', displayMsg: 'made-up', techMsg: 'y' } }),
      { code: 'PROVIDER_REFUSED', providerCode: '17', message: 'made-up' },
    ],
  ])('%s', (_name, response, expected) => {
    expect(classify(response)).toEqual(expected);
  });

  test.each([
    ['NotFound', 'NOT_FOUND'],
    ['Carrier not found', 'NOT_FOUND'],
    ['Access denied', 'FORBIDDEN'],
    ['INVALID', 'VALIDATION_FAILED'],
    ['Error', 'PROVIDER_REFUSED'],
    ['OK', undefined],
  ])('the outcome %s is %s', (status, code) => {
    expect(classify(answer(200, { ResponseDO: { status, displayMsg: 'made-up' } }))?.code).toBe(code);
  });

  test('of single rows are not those of the answer', () => {
    const row = { ResponseDO: { status: 'FAILURE' } };
    expect(classify(answer(200, [row]))).toBeUndefined();
    expect(classify(answer(200, { CarrierList: [row] }))).toBeUndefined();
    expect(classify(answer(200, { ResponseDO: { status: 'SUCCESS' }, succeeded: true }))).toBeUndefined();
  });
});

describe('completed packets', () => {
  test('are asked for by POST with everything in the query and no body', () => {
    expect(packets.start(windowFrom(NOW - DAY_MS)).request).toEqual({
      method: 'POST',
      path: '/api/v1/Carrier/CompletedPackets',
      query: { fromDate: '2026-01-04T10:00:00', toDate: '2026-01-05T10:00:00' },
    });
    expect(packets.start(windowFrom()).request.query['fromDate']).toBe('2000-01-01T00:00:00');
  });

  test('are named by carrier and moment', () => {
    const rows = [
      { DOTNumber: 1234567, DocketNumber: 'MC1', LegalName: 'EXAMPLE', CompletedDate: '2026-01-05T10:00:00.123' },
      { DOTNumber: 0, DocketNumber: 'MC2', CompletedDate: '2026-01-05T10:00:00' },
      { DOTNumber: 1, CompletedDate: null },
      null,
    ];
    const window = windowFrom();
    expect(read(packets, packets.start(window).request, window, rows)).toEqual({
      records: [
        { id: '1234567:2026-01-05T10:00:00.123', updatedAt: NOW + 123, deleted: false, data: rows[0] },
        { id: 'MC2:2026-01-05T10:00:00', updatedAt: NOW, deleted: false, data: rows[1] },
      ],
      rejected: [
        { reason: 'a packet has no carrier number or no CompletedDate', row: rows[2] },
        { reason: 'a packet has no carrier number or no CompletedDate', row: null },
      ],
    });
  });
});

describe('carrier changes', () => {
  test('are paged by the header, with the window unchanged, and not asked for more often than every four minutes', () => {
    const change = (dotNumber: unknown, ...ChangeCategories: string[]) => ({
      ChangeDateTime: '2026-01-05T10:00:00Z',
      ChangeCategories,
      CarrierDetails: { dotNumber },
    });
    const lists = [
      [change({ status: 'ACTIVE', Value: ' 77 ' }, 'Insurance', 'FMCSA')],
      [change(78)],
      [change('79', 'FMCSA')],
    ];
    const { requests, ids } = pull(changes, windowFrom(NOW - DAY_MS), ({ query }) => {
      const pageNumber = Number(query['pageNumber']);
      const header = JSON.stringify({ pageNumber, pageSize: 1, totalPages: 3, totalCount: 3 });
      return { body: { CarrierList: lists[pageNumber - 1] }, headers: { 'x-pagination': header } };
    });
    const window = { fromDate: '2026-01-04T10:00:00', toDate: '2026-01-05T10:00:00', pageSize: '250' };
    expect(requests.map(({ method, query }) => ({ method, query }))).toEqual([
      { method: 'POST', query: { ...window, pageNumber: '1' } },
      { method: 'POST', query: { ...window, pageNumber: '2' } },
      { method: 'POST', query: { ...window, pageNumber: '3' } },
    ]);
    expect(ids).toEqual([
      '77:2026-01-05T10:00:00Z:FMCSA+Insurance',
      '78:2026-01-05T10:00:00Z:',
      '79:2026-01-05T10:00:00Z:FMCSA',
    ]);
    expect(changes.minIntervalMs).toBe(240_000);
  });

  test('are paged by the body where the header is missing', () => {
    const window = windowFrom();
    const body = { CarrierList: [], pageNumber: 1, totalPages: 2 };
    const page = read(changes, changes.start(window).request, window, body);
    expect(page.next?.query['pageNumber']).toBe('2');
  });

  test('without any word on pages are one page', () => {
    const window = windowFrom();
    expect(read(changes, changes.start(window).request, window, { CarrierList: [] })).toEqual({
      records: [],
      rejected: [],
    });
  });
});

describe('monitored carriers', () => {
  const window = windowFrom();
  const { request } = monitored.start(window);

  test('have the time of their last modification', () => {
    const rows = [{ DOTNumber: 5, LastModifiedDate: null, CreatedDate: '2026-01-05T10:00:00' }, {}];
    expect(read(monitored, request, window, rows, { 'x-pagination': '{"pageNumber":1,"totalPages":1}' })).toEqual({
      records: [{ id: '5', updatedAt: NOW, deleted: false, data: rows[0] }],
      rejected: [{ reason: 'a carrier has no number', row: {} }],
    });
  });

  test('in a full page without a word on pages are a bad response, because the rest would be lost', () => {
    const rows = Array.from({ length: 2500 }, (_, index) => ({ DOTNumber: index + 1 }));
    let thrown: unknown;
    try {
      read(monitored, request, window, rows, { 'x-pagination': 'nonsense' });
    } catch (error) {
      thrown = error;
    }
    expect(isLwiError(thrown, 'BAD_RESPONSE')).toBe(true);
  });

  test('end even when the server repeats the number of the first page', () => {
    const header = { 'x-pagination': '{"pageNumber":1,"totalPages":3}' };
    const { requests } = pull(monitored, window, () => ({ body: [], headers: header }));
    expect(requests.map(({ query }) => query['pageNumber'])).toEqual(['1', '2', '3']);
  });
});

test('reading operations may be repeated though they are posted, others not', () => {
  const repeatable = (operation: string) => mycarrierpackets.api.repeatable?.('POST', `/api/v1/Carrier/${operation}`);
  expect(repeatable('GetCarrierData?DOTNumber=1')).toBe(true);
  expect(repeatable('BlockCarrier?DOTNumber=1')).toBe(false);
  expect(mycarrierpackets.api.repeatable?.('POST', '/token')).toBe(false);
});

test('an event that is not about a packet keeps the word of the vendor', () => {
  const body = {
    eventType: 'carrier.incident_report.created',
    eventDateTime: 'x',
    eventData: { carrier: { dotNumber: '9' } },
  };
  expect(mycarrierpackets.webhook?.readEvents(new TextEncoder().encode(JSON.stringify(body)), {})).toEqual([
    { type: 'carrier.incident_report.created', entity: 'incident_report', entityId: '9' },
  ]);
});
