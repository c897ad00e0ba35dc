import { describe, expect, test } from 'vitest';
import { isLwiError } from '../../src/errors.ts';
import { classify } from '../../src/providers/mycarrierpackets/classify.ts';
import { mycarrierpackets } from '../../src/providers/mycarrierpackets/provider.ts';
import { mockSource } from './mock-source.ts';
import { answer, DAY_MS, NOW, pull, read, streamNamed, windowFrom } from './support.ts';

const packets = streamNamed(mycarrierpackets.streams, 'completed-packets');
const changes = streamNamed(mycarrierpackets.streams, 'carrier-changes');
const monitored = streamNamed(mycarrierpackets.streams, 'monitored-carriers');
const carriers = streamNamed(mycarrierpackets.streams, 'carriers');
const contacts = streamNamed(mycarrierpackets.streams, 'carrier-contacts');
const factoring = streamNamed(mycarrierpackets.streams, 'factoring-companies');

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
    // The cursor must not pass what was asked for, though the vendor's clock be hours ahead.
    expect(packets.start({ ...windowFrom(), now: NOW + 999 }).until).toBe(NOW);
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
        {
          ...{ id: '1234567:2026-01-05T10:00:00.123', updatedAt: NOW + 123, deleted: false },
          data: { ...rows[0], dot: '1234567' },
        },
        { id: 'MC2:2026-01-05T10:00:00', updatedAt: NOW, deleted: false, data: { ...rows[1], dot: null } },
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
    expect(changes.start(window).until).toBe(NOW);
  });
});

describe('monitored carriers', () => {
  const window = windowFrom();
  const { request } = monitored.start(window);

  test('have the time of their last modification', () => {
    const rows = [{ DOTNumber: 5, LastModifiedDate: null, CreatedDate: '2026-01-05T10:00:00' }, {}];
    expect(read(monitored, request, window, rows, { 'x-pagination': '{"pageNumber":1,"totalPages":1}' })).toEqual({
      records: [{ id: '5', updatedAt: NOW, deleted: false, data: { ...rows[0], dot: '5' } }],
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

describe('the bulk lists', () => {
  const window = windowFrom();

  test('are paged by the body, tell how many rows there are, and take a number in every form', () => {
    const rows = [
      [{ dotNumber: { status: 'ACTIVE', Value: '7' } }, { dotNumber: 8 }, { dotNumber: '9' }],
      [{ dotNumber: { status: 'NONE', Value: '' }, docketNumber: 'MC1' }, { Identity: {} }],
    ];
    const { requests, pages } = pull(carriers, window, ({ query }) => ({
      body: { pageNumber: 1, pageSize: 3, totalPages: 2, totalCount: 5, data: rows[Number(query['pageNumber']) - 1] },
    }));
    expect(requests.map(({ path, query }) => [path, query['pageNumber'], query['pageSize']])).toEqual([
      ['/api/v1/Carrier/MonitoredCarrierData', '1', '500'],
      ['/api/v1/Carrier/MonitoredCarrierData', '2', '500'],
    ]);
    const read = pages.flatMap(({ records }) => records);
    expect(read.map(({ id }) => id)).toEqual(['7', '8', '9', 'MC1']);
    expect(read.map(({ data }) => (data as { dot: unknown }).dot)).toEqual(['7', '8', '9', null]);
    expect(pages.map(({ total }) => total)).toEqual([5, 5]);
    expect(pages[1]?.rejected).toEqual([{ reason: 'a carrier has no number', row: { Identity: {} } }]);
  });

  test('keep a row that failed for its carrier alone, and fail when the whole answer did', () => {
    const row = { DOTNumber: 5, CarriersContacts: null, Success: false, Messages: ['made-up'] };
    const body = { pageNumber: 1, totalPages: 1, totalCount: 1, succeeded: true, message: null, data: [row] };
    expect(classify(answer(200, body))).toBeUndefined();
    expect(read(contacts, contacts.start(window).request, window, body).records).toEqual([
      { id: '5', deleted: false, data: { ...row, dot: '5' } },
    ]);
    const failed = { ...body, succeeded: false, message: 'made-up', data: null };
    expect(classify(answer(200, failed))).toEqual({ code: 'PROVIDER_REFUSED', message: 'made-up' });
  });

  test('without a list are a bad response', () => {
    for (const body of [{}, [], { data: null }, { data: {} }]) {
      expect(() => read(carriers, carriers.start(window).request, window, body)).toThrow('the answer holds no data');
    }
  });
});

describe('a carrier that is looked up', () => {
  const window = windowFrom();
  const details = { dotNumber: { status: 'ACTIVE', Value: '7' }, docketNumber: 'MC1', isMonitored: true };
  const profile = {
    DOTNumber: 7,
    CarrierBank: { CarrierBankAccountNumber: '1' },
    AssureAdvantage: [{ CarrierDetails: details }],
  };
  const found = (body: unknown) => {
    const request = carriers.lookup?.('7', window);
    return request && read(carriers, request, window, body);
  };

  test('is asked for by the number that is its id', () => {
    const query = (id: string) => carriers.lookup?.(id, window).query;
    expect([query('7'), query('MC1')]).toEqual([{ DOTNumber: '7' }, { DocketNumber: 'MC1' }]);
  });

  test('is what the bulk list has of it, without bank accounts, as an object or a list of one', () => {
    const record = { id: '7', deleted: false, data: { ...details, dot: '7' } };
    expect(found(profile)).toEqual({ records: [record], rejected: [] });
    expect(found([profile])).toEqual({ records: [record], rejected: [] });
  });

  test('is gone when it is not monitored any more, or not there', () => {
    const unmonitored = { AssureAdvantage: [{ CarrierDetails: { ...details, isMonitored: false } }] };
    for (const body of [unmonitored, [], { AssureAdvantage: [] }, { AssureAdvantage: null }]) {
      expect(found(body)).toEqual({ records: [], rejected: [] });
    }
    expect(classify(answer(404, { Message: 'Carrier not found.' }))?.code).toBe('NOT_FOUND');
  });

  test('is not taken for gone when the answer has another shape', () => {
    for (const body of [{}, { DOTNumber: 7 }, { AssureAdvantage: [{ CarrierDetails: null }] }, 'nothing']) {
      expect(() => found(body)).toThrow(/the answer holds no (AssureAdvantage|CarrierDetails)/);
    }
  });
});

describe('factoring companies', () => {
  test('are asked for by a window, counted, and named by their number', () => {
    const start = factoring.start(windowFrom(NOW - DAY_MS));
    expect(start.request.query).toEqual({ fromDate: '2026-01-04T10:00:00', toDate: '2026-01-05T10:00:00' });
    expect([start.until, start.coverage]).toEqual([NOW, [expect.stringContaining('removed are not covered')]]);
    const rows = [
      { FactoringCompanyID: 5, CreatedDateTime: '2026-01-05T10:00:00', UpdatedDateTime: null },
      { FactoringCompanyID: '6', CreatedDateTime: '2026-01-01T10:00:00', UpdatedDateTime: '2026-01-05T10:00:00.5' },
      { FactoringCompanyName: 'x' },
    ];
    const body = { FactoringCompaniesCount: 3, FactoringCompanies: rows };
    expect(read(factoring, start.request, windowFrom(), body)).toEqual({
      records: [
        { id: '5', updatedAt: NOW, deleted: false, data: rows[0] },
        { id: '6', updatedAt: NOW + 500, deleted: false, data: rows[1] },
      ],
      rejected: [{ reason: 'a factoring company has no FactoringCompanyID', row: rows[2] }],
      total: 3,
    });
  });
});

test('a carrier that is no longer monitored leaves all lists of monitored ones, and is looked up in vain', async () => {
  const source = await mockSource(mycarrierpackets);
  const names = ['monitored-carriers', 'carriers', 'carrier-risk-assessments', 'carrier-contacts'];
  const lists = names.map((name) => streamNamed(mycarrierpackets.streams, name));
  const before = await Promise.all(lists.map((list) => source.read(list)));
  await source.change('delete?stream=carriers&id=1000004');
  await source.change('touch?stream=carriers&id=1000005');
  for (const [index, list] of lists.entries()) {
    const { ids, pages } = await source.read(list);
    expect(before[index]?.ids.filter((id) => !ids.includes(id))).toEqual(['1000004']);
    const record = (all: typeof pages) => all.flatMap(({ records }) => records).find(({ id }) => id === '1000005');
    expect(record(pages)).not.toEqual(record(before[index]?.pages ?? []));
  }
  expect((await source.lookup(carriers, '1000004'))?.records).toEqual([]);
  expect(await source.lookup(carriers, '999')).toBeUndefined();
});

test('a factoring company that changed is in the window, one that was removed in none', async () => {
  const source = await mockSource(mycarrierpackets);
  const all = await source.read(factoring);
  source.clock.advance(60_000);
  const [changed] = await source.change('touch?stream=factoring-companies&id=103');
  const [removed] = await source.change('delete?stream=factoring-companies&id=104');
  expect((await source.read(factoring, source.clock.now() - 30_000)).ids).toEqual([changed]);
  const now = await source.read(factoring);
  expect(all.ids.filter((id) => !now.ids.includes(id))).toEqual([removed]);
});

test('reading operations may be repeated though they are posted, others not', () => {
  const repeatable = (operation: string) => mycarrierpackets.api.repeatable?.('POST', `/api/v1/Carrier/${operation}`);
  expect(repeatable('GetCarrierData?DOTNumber=1')).toBe(true);
  expect(repeatable('BlockCarrier?DOTNumber=1')).toBe(false);
  expect(mycarrierpackets.api.repeatable?.('POST', '/token')).toBe(false);
});

test.each([
  ['carrier.packet.completed', { entity: 'completed-packets' }],
  ['carrier.incident_report.created', { entity: 'carriers', entityId: '9' }],
  ['carrier.incident_report.retracted', { entity: 'carriers', entityId: '9' }],
  ['carrier.user_verification.completed', { entity: 'carrier-contacts' }],
  ['carrier.vin_verification.completed', { entity: 'vin_verification', entityId: '9' }],
  ['something.else', { entityId: '9' }],
])('the event %s names what can be read of it', (eventType, subject) => {
  const body = { eventType, eventDateTime: 'x', eventData: { carrier: { dotNumber: '9' } } };
  expect(mycarrierpackets.webhook?.readEvents(new TextEncoder().encode(JSON.stringify(body)), {})).toEqual([
    { type: eventType, ...subject },
  ]);
});
