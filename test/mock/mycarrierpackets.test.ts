import { expect, test } from 'vitest';
import { CLIENT, call, carrierCall, control, postForm, startMock } from './started-mock.ts';

const token = (url: string, fields: Record<string, string>, headers?: Record<string, string>) =>
  postForm(`${url}/mycarrierpackets/token`, fields, headers);
const login = (url: string, password = 'p&ss w+rd') =>
  token(url, { grant_type: 'password', username: 'api@example.com', password });
const refresh = (url: string, refreshToken: string, more: Record<string, string> = {}) =>
  token(url, { grant_type: 'refresh_token', refresh_token: refreshToken, ...more });

async function connected(options?: Parameters<typeof startMock>[0]) {
  const started = await startMock({ rateLimits: false, ...options });
  const bearer: string = (await login(started.url)).body.access_token;
  return {
    ...started,
    bearer,
    post: (operation: string, query?: Record<string, string>) => carrierCall(started.url, bearer, operation, query),
  };
}

const EVER = { fromDate: '2020-01-01', toDate: '2027-01-01' };

test('a login answers in the shape of OWIN with a life of fourteen days', async () => {
  const { url } = await startMock();
  expect((await login(url)).body).toEqual({
    access_token: expect.any(String),
    token_type: 'bearer',
    expires_in: 1_209_599,
    refresh_token: expect.any(String),
    userName: 'api@example.com',
    '.issued': 'Mon, 05 Jan 2026 12:00:00 GMT',
    '.expires': 'Mon, 19 Jan 2026 11:59:59 GMT',
  });
});

test('a wrong or missing password is refused', async () => {
  const { url } = await startMock();
  const refusal = { error: 'invalid_grant', error_description: 'The user name or password is incorrect.' };
  expect(await login(url, 'wrong')).toMatchObject({ status: 400, body: refusal });
  expect((await login(url, '')).body).toEqual(refusal);
  expect((await token(url, { grant_type: 'client_credentials' })).body).toEqual({ error: 'unsupported_grant_type' });
});

test('a refresh rotates; the old refresh token is refused but harms nothing', async () => {
  const { url } = await startMock();
  const first = (await login(url)).body;
  const second = (await refresh(url, first.refresh_token)).body;
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(await refresh(url, first.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect((await refresh(url, second.refresh_token)).status).toBe(200);
});

test('a refresh that names a client is refused and spends nothing', async () => {
  const { url } = await startMock();
  const { refresh_token } = (await login(url)).body;
  expect((await refresh(url, refresh_token, { client_id: 'x' })).body).toEqual({ error: 'invalid_grant' });
  expect((await refresh(url, refresh_token, { client_secret: 'x' })).body).toEqual({ error: 'invalid_grant' });
  const basicToo = await token(url, { grant_type: 'refresh_token', refresh_token }, CLIENT);
  expect(basicToo.body).toEqual({ error: 'invalid_grant' });
  expect((await refresh(url, refresh_token)).status).toBe(200);
});

test('with rotateAlways reuse ends the grant, and the password opens a new one', async () => {
  const { url } = await startMock({ rotateAlways: true });
  const first = (await login(url)).body;
  const second = (await refresh(url, first.refresh_token)).body;
  await refresh(url, first.refresh_token);
  expect((await refresh(url, second.refresh_token)).body).toEqual({ error: 'invalid_grant' });
  expect((await carrierCall(url, second.access_token, 'MonitoredCarriers')).status).toBe(401);
  expect((await login(url)).status).toBe(200);
});

test('without a good token the answer is the one of .NET', async () => {
  const { url, clock, bearer } = await connected();
  const denied = { status: 401, body: { Message: 'Authorization has been denied for this request.' } };
  expect(await carrierCall(url, 'nonsense', 'MonitoredCarriers')).toMatchObject(denied);
  clock.advance(1_209_599_000);
  expect(await carrierCall(url, bearer, 'MonitoredCarriers')).toMatchObject(denied);
});

test('completed packets of a window come all at once, oldest first', async () => {
  const { post } = await connected();
  const all = (await post('CompletedPackets', EVER)).body;
  expect(all).toHaveLength(120);
  expect(all[3]).toMatchObject({ DOTNumber: 1_000_003, DocketNumber: 'MC500003', LegalName: expect.any(String) });
  const [fromDate, toDate] = [all[10].CompletedDate, all[12].CompletedDate];
  expect(fromDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/);
  expect((await post('CompletedPackets', { fromDate, toDate })).body).toEqual(all.slice(10, 13));
  expect((await post('completedpackets', { FROMDATE: '2030-01-01', todate: '2031-01-01' })).body).toEqual([]);
  expect((await post('CompletedPackets', { fromDate: '2026-01-01' })).status).toBe(400);
});

test('a hundred thousand completed packets are written without holding them', async () => {
  const { url, bearer } = await connected({ records: 100_000 });
  const target = `${url}/mycarrierpackets/api/v1/Carrier/CompletedPackets?${new URLSearchParams(EVER)}`;
  const response = await fetch(target, { method: 'POST', headers: { authorization: `Bearer ${bearer}` } });
  expect(response.headers.get('content-length')).toBeNull();
  expect(((await response.json()) as unknown[]).length).toBe(100_000);
});

test('changes are paged by a header, page size silently corrected, or come whole', async () => {
  const { post } = await connected({ records: 612 });
  const page = await post('CarriersChanges', { ...EVER, pageNumber: '3', pageSize: '250' });
  expect(JSON.parse(page.headers.get('x-pagination') ?? '')).toEqual({
    pageNumber: 3,
    pageSize: 250,
    totalPages: 3,
    totalCount: 612,
  });
  expect(page.body.CarrierList).toHaveLength(112);
  expect(page.body.RequestDateTimeUtc).toBe('2026-01-05T12:00:00.000');
  expect(page.body.CarrierList[0]).toMatchObject({
    ChangeDateTime: expect.any(String),
    ChangeCategories: [expect.any(String)],
    CarrierDetails: { dotNumber: { status: 'ACTIVE', Value: '1000500' }, isMonitored: true },
    ResponseDO: { status: 'SUCCESS' },
  });
  const corrected = await post('CarriersChanges', { ...EVER, pageNumber: '1', pageSize: '501' });
  expect(JSON.parse(corrected.headers.get('x-pagination') ?? '').pageSize).toBe(250);
  const whole = await post('CarriersChanges', EVER);
  expect([whole.headers.get('x-pagination'), whole.body.CarrierList.length]).toEqual([null, 612]);
});

test('monitored and blocked carriers are paged by a header', async () => {
  const { post } = await connected({ records: 6000 });
  const monitored = await post('MonitoredCarriers', { pageNumber: '2', pageSize: '5000' });
  expect([monitored.body.length, JSON.parse(monitored.headers.get('x-pagination') ?? '').totalPages]).toEqual([
    1000, 2,
  ]);
  expect((await post('MonitoredCarriers', { pageNumber: '1' })).body).toHaveLength(2500);
  const whole = await post('MonitoredCarriers');
  expect([whole.body.length, whole.headers.get('x-pagination')]).toEqual([6000, null]);
  expect(whole.body[7]).toEqual({
    ...{ DOTNumber: 1_000_007, DocketNumber: 'MC500007', IntrastateNumber: null },
    ...{ CreatedDate: expect.any(String), CreatedBy: 'api@example.com', LastModifiedDate: null, LastModifiedBy: null },
  });
  const blocked = (await post('BlockedCarriers')).body;
  expect([blocked.length, blocked[1].DOTNumber]).toEqual([150, 1_000_040]);
});

test('a carrier is found by DOT or docket in either spelling; an unknown one is a 404', async () => {
  const { post } = await connected();
  const carrier = (await post('GetCarrierData', { DOTNumber: '1000007' })).body;
  const [{ CarrierDetails: details }] = carrier.AssureAdvantage;
  expect(carrier).toMatchObject({ DOTNumber: 1_000_007, MCNumber: 'MC500007', CarrierBank: expect.anything() });
  expect(details).toMatchObject({ dotNumber: { Value: '1000007' }, docketNumber: 'MC500007', isMonitored: true });
  for (const query of [
    { DocketNumber: 'MC500007' },
    { Docket: '500007' },
    { dotnumber: '1000007', docketNumber: 'MC500007' },
  ]) {
    expect((await post('GetCarrierData', query as Record<string, string>)).body).toEqual(carrier);
  }
  for (const query of [
    { DOTNumber: '9' },
    { DOTNumber: '1000120' },
    { DOTNumber: '1000007', DocketNumber: 'MC500008' },
    {},
  ]) {
    expect((await post('GetCarrierData', query as Record<string, string>)).status).toBe(404);
  }
});

test.each([
  ['MonitoredCarrierData', { dotNumber: { status: 'ACTIVE', Value: '1000500' }, Identity: expect.anything() }],
  ['GetMonitoredCarriersRiskAssessment', { DOTNumber: 1_000_500, RiskAssessmentDetails: expect.anything() }],
  ['GetMonitoredCarrierContactsData', { DOTNumber: 1_000_500, CarriersContacts: [expect.anything()], Success: true }],
])('%s is paged by the body, page size silently corrected', async (operation, row) => {
  const { url, post } = await connected({ records: 612 });
  const { body, headers } = await post(operation, { pageNumber: '3', pageSize: '5000' });
  const { data, ...state } = body;
  expect(headers.get('x-pagination')).toBeNull();
  expect(state).toEqual({
    ...{ pageNumber: 3, pageSize: 250, totalPages: 3, totalCount: 612, succeeded: true, message: null },
  });
  expect([data.length, data[0]]).toEqual([112, expect.objectContaining(row)]);
  expect((await post(operation, { pageNumber: '4', pageSize: '250' })).body.data).toEqual([]);
  expect((await post(operation, { pageSize: '500' })).body.data).toHaveLength(500);
  await control(url, 'mycarrierpackets/delete?stream=monitored-carriers&id=1000000');
  expect((await post(operation)).body.totalCount).toBe(611);
});

test('factoring companies come by the time of their last change, until now if nothing else is said', async () => {
  const { url, clock, post } = await connected();
  const all = (await post('GetUpdatedFactoringCompanies', { fromDate: '2020-01-01' })).body;
  expect(all).toMatchObject({
    ...{ FromDate: '2020-01-01T00:00:00.000', ToDate: '2026-01-05T12:00:00.000', FactoringCompaniesCount: 12 },
    RequestDateTimeUtc: '2026-01-05T12:00:00.000',
  });
  expect(all.FactoringCompanies[3]).toMatchObject({ FactoringCompanyID: 103, FactoringRemitCity: expect.any(String) });
  clock.advance(5000);
  await control(url, 'mycarrierpackets/touch?stream=factoring-companies&id=103');
  const [added] = (await control(url, 'mycarrierpackets/add?stream=factoring-companies')).body.ids;
  const { FactoringCompanies: late } = (
    await post('GetUpdatedFactoringCompanies', { fromDate: '2026-01-05T12:00:05Z' })
  ).body;
  const ids = late.map((company: { FactoringCompanyID: number }) => String(company.FactoringCompanyID));
  expect(ids).toEqual(['103', added]);
  for (const query of [{}, { toDate: '2026-01-01' }, { fromDate: 'yesterday' }]) {
    expect((await post('GetUpdatedFactoringCompanies', query as Record<string, string>)).status).toBe(400);
  }
});

test('an operation that is none is a 404, whatever its name', async () => {
  const { post } = await connected();
  for (const operation of ['GetEverything', 'constructor', 'toString'])
    expect((await post(operation)).status).toBe(404);
});

test('operations are POST only', async () => {
  const { url, bearer } = await connected();
  const answer = await call(`${url}/mycarrierpackets/api/v1/Carrier/MonitoredCarriers`, {
    headers: { authorization: `Bearer ${bearer}` },
  });
  expect(answer.status).toBe(405);
});

test('touched carriers appear in the changes, new packets among the completed, removed ones leave the monitored', async () => {
  const { url, clock, post } = await connected();
  clock.advance(5000);
  const window = { fromDate: '2026-01-05T12:00:05', toDate: '2026-01-06' };
  const touched = (await control(url, 'mycarrierpackets/touch?stream=carrier-changes&count=2')).body.ids;
  const added = (await control(url, 'mycarrierpackets/add?stream=completed_packets')).body.ids;
  await control(url, 'mycarrierpackets/delete?stream=monitored-carriers&id=1000004');
  const changes = (await post('CarriersChanges', window)).body.CarrierList;
  expect(
    changes.map((row: { CarrierDetails: { dotNumber: { Value: string } } }) => row.CarrierDetails.dotNumber.Value),
  ).toEqual(touched);
  expect(
    (await post('CompletedPackets', window)).body.map((row: { DOTNumber: number }) => String(row.DOTNumber)),
  ).toEqual(added);
  const monitored = (await post('MonitoredCarriers')).body.map((row: { DOTNumber: number }) => row.DOTNumber);
  expect([monitored.length, monitored.includes(1_000_004)]).toEqual([119, false]);
});

test('polls of the changes less than four minutes apart can be refused, further pages are no polls', async () => {
  const { clock, post } = await connected({ rateLimits: true, enforcePollInterval: true });
  const poll = async (pageNumber: string) =>
    (await post('CarriersChanges', { ...EVER, pageNumber, pageSize: '50' })).status;
  expect([await poll('1'), await poll('2'), await poll('1')]).toEqual([200, 200, 429]);
  clock.advance(240_000);
  expect(await poll('1')).toBe(200);
});

test('an account may call 120 times a minute', async () => {
  const { post } = await connected({ rateLimits: true });
  for (let request = 0; request < 120; request++) await post('GetCarrierData', { DOTNumber: '1000000' });
  const refused = await post('GetCarrierData', { DOTNumber: '1000000' });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, null]);
});
