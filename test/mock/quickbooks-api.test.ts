import { expect, test } from 'vitest';
import { START } from './manual-clock.ts';
import {
  CALLBACK,
  call,
  callbackOf,
  connectQuickbooks,
  control,
  quickbooksAuthorizeUrl,
  quickbooksGet,
  quickbooksQuery,
  quickbooksToken,
  REALM,
  startMock,
} from './started-mock.ts';

const DAY = 86_400_000;

async function connected(options?: Parameters<typeof startMock>[0]) {
  const started = await startMock({ rateLimits: false, ...options });
  const token: string = (await connectQuickbooks(started.url)).body.access_token;
  return { ...started, token, query: (statement: string) => quickbooksQuery(started.url, token, statement) };
}

const ids = (rows: readonly { Id: string }[] | undefined) => (rows ?? []).map(({ Id }) => Id);

test('an invoice looks like one of QuickBooks', async () => {
  const { query } = await connected();
  const { status, headers, body } = await query("select * from Invoice where Id = '7'");
  expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  expect(headers.get('intuit_tid')).toBeTruthy();
  const [invoice] = body.QueryResponse.Invoice;
  expect(invoice).toMatchObject({
    Id: '7',
    SyncToken: '0',
    domain: 'QBO',
    DocNumber: '10006',
    CustomerRef: { value: '3' },
    MetaData: { LastUpdatedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-08:00$/) },
  });
  expect(invoice.TotalAmt).toBe(invoice.Line[0].Amount);
  expect(body.QueryResponse.maxResults).toBe(1);
  expect(body.time).toBe('2026-01-05T04:00:00.000-08:00');
});

test('pages count from 1, default to 100 rows and cover every row once in order of change', async () => {
  const { query } = await connected({ records: 250 });
  const select = 'select * from Invoice orderby MetaData.LastUpdatedTime';
  const pages = [
    await query(select),
    await query(`${select} startposition 101`),
    await query(`${select} startposition 201`),
  ];
  expect(pages.map(({ body }) => body.QueryResponse.maxResults)).toEqual([100, 100, 50]);
  const rows = pages.flatMap(({ body }) => body.QueryResponse.Invoice);
  expect(new Set(ids(rows)).size).toBe(250);
  const times = rows.map((row) => Date.parse(row.MetaData.LastUpdatedTime));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect((await query(`${select} startposition 251`)).body.QueryResponse).toEqual({});
  expect((await query('select count(*) from Invoice')).body.QueryResponse).toEqual({ totalCount: 250 });
});

test('descending order is the ascending one turned round', async () => {
  const { query } = await connected({ records: 30 });
  const up = (await query('select * from Bill orderby MetaData.LastUpdatedTime asc')).body.QueryResponse.Bill;
  const down = [1, 12, 23].map(async (start) => {
    const page = await query(
      `select * from Bill orderby MetaData.LastUpdatedTime desc startposition ${start} maxresults 11`,
    );
    return ids(page.body.QueryResponse.Bill);
  });
  expect((await Promise.all(down)).flat()).toEqual(ids(up).reverse());
});

test('a million rows can be paged at the far end without holding them', async () => {
  const before = process.memoryUsage().heapUsed;
  const { query } = await connected({ records: 1_000_000 });
  const page = await query('select * from Invoice startposition 999999 maxresults 1000');
  expect(ids(page.body.QueryResponse.Invoice)).toEqual(['999999', '1000000']);
  expect((await query('select count(*) from Invoice')).body.QueryResponse.totalCount).toBe(1_000_000);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
});

test('both time bounds are instants, inclusive or not as written', async () => {
  const { query } = await connected();
  const all = (await query('select * from Payment maxresults 1000')).body.QueryResponse.Payment;
  const at = all[50].MetaData.LastUpdatedTime;
  const utc = new Date(at).toISOString();
  const select = (where: string) => query(`select * from Payment where ${where} maxresults 1000`);
  const time = 'MetaData.LastUpdatedTime';
  expect(ids((await select(`${time} >= '${at}'`)).body.QueryResponse.Payment)).toEqual(ids(all.slice(50)));
  expect(ids((await select(`${time} > '${utc}'`)).body.QueryResponse.Payment)).toEqual(ids(all.slice(51)));
  expect(ids((await select(`${time} <= '${utc}'`)).body.QueryResponse.Payment)).toEqual(ids(all.slice(0, 51)));
  expect(
    ids(
      (await select(`${time} >= '${at}' and ${time} < '${all[52].MetaData.LastUpdatedTime}'`)).body.QueryResponse
        .Payment,
    ),
  ).toEqual(ids(all.slice(50, 52)));
});

test('inactive names stay out unless asked for', async () => {
  const { query } = await connected({ records: 100 });
  const count = async (where: string) =>
    (await query(`select count(*) from Customer ${where}`)).body.QueryResponse.totalCount;
  expect([await count(''), await count('where Active IN (true, false)'), await count('where Active = false')]).toEqual([
    95, 100, 5,
  ]);
  const inactive = (await query('select * from Customer where Active = false')).body.QueryResponse.Customer;
  expect(inactive[0]).toMatchObject({ Id: '20', Active: false });
});

test.each([
  ['STARTPOSITION 0', 'select * from Invoice startposition 0', '4001'],
  ['more than 1000 results', 'select * from Invoice maxresults 1001', '4001'],
  ['an unknown entity', 'select * from Spaceship', '4001'],
  ['ORDERBY Id', 'select * from Invoice orderby Id', '4001'],
  ['a property that cannot be filtered', "select * from Invoice where PrivateNote = 'x'", '4001'],
  ['a time that is none', "select * from Invoice where MetaData.LastUpdatedTime > 'yesterday'", '4001'],
  ['a statement that is none', 'give me all invoices', '4000'],
])('%s is a ValidationFault', async (_what, statement, code) => {
  const { query } = await connected();
  const { status, body } = await query(statement);
  expect([status, body.Fault.type, body.Fault.Error[0].code]).toEqual([400, 'ValidationFault', code]);
});

test('the statement may come as a POST body', async () => {
  const { url, token } = await connected();
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': 'application/text' };
  const path = `${url}/quickbooks/v3/company/${REALM}/query?minorversion=75`;
  const { body } = await call(path, { method: 'POST', headers, body: 'select * from Vendor maxresults 3' });
  expect(ids(body.QueryResponse.Vendor)).toEqual(['1', '2', '3']);
});

test('who does not ask for JSON gets XML', async () => {
  const { url, token } = await connected();
  const get = (statement: string) =>
    call(`${url}/quickbooks/v3/company/${REALM}/query?${new URLSearchParams({ query: statement })}`, {
      headers: { authorization: `Bearer ${token}` },
    });
  const { headers, body } = await get('select * from Term maxresults 2');
  expect(headers.get('content-type')).toBe('application/xml;charset=UTF-8');
  expect(body).toMatch(
    /^<\?xml .*\n<IntuitResponse xmlns="[^"]+" time="[^"]+"><QueryResponse startPosition="1" maxResults="2"><Term domain="QBO"/,
  );
  expect(body.match(/<Term /g)).toHaveLength(2);
  expect((await get('select')).body).toContain('<Fault type="ValidationFault"><Error code="4000" element="">');
});

test('an entity and the company can be read by id', async () => {
  const { url, token } = await connected();
  expect((await quickbooksGet(url, token, 'invoice/145')).body.Fault.Error[0].code).toBe('610');
  expect((await quickbooksGet(url, token, 'invoice/5')).body.Invoice.Id).toBe('5');
  const company = await quickbooksGet(url, token, `companyinfo/${REALM}`);
  expect(company.body.CompanyInfo.CompanyName).toBe('Laneweaver Freight LLC');
});

test('tokens that are absent, unknown, expired or of another realm get the lower-case fault 3200', async () => {
  const { url, token, clock } = await connected();
  const fault = async (bearer: string, realm?: string) => {
    const { status, body } = await quickbooksGet(url, bearer, 'query', { query: 'select * from Invoice' }, realm);
    return [status, body.fault.type, body.fault.error[0].code, body.fault.error[0].detail];
  };
  expect(await fault('nonsense')).toEqual([401, 'AUTHENTICATION', '3200', 'Token invalid']);
  expect(await fault(token, '9130000000000002')).toEqual([401, 'AUTHENTICATION', '3200', 'Token invalid']);
  clock.advance(3_600_000);
  expect(await fault(token)).toEqual([401, 'AUTHENTICATION', '3200', 'Token expired']);
});

test('a token without the accounting scope is a 403 with code 3100', async () => {
  const { url } = await startMock();
  const code = (await callbackOf(quickbooksAuthorizeUrl(url, { scope: 'openid' }))).get('code') ?? '';
  const { body } = await quickbooksToken(url, { grant_type: 'authorization_code', code, redirect_uri: CALLBACK });
  const answer = await quickbooksQuery(url, body.access_token, 'select * from Invoice');
  expect([answer.status, answer.body.fault.error[0].code]).toEqual([403, '3100']);
});

test('change data capture shows changes and deletions, and nothing of what did not change', async () => {
  const { url, token, clock } = await connected({ records: 400 });
  const since = new Date(START + 1000).toISOString();
  clock.advance(60_000);
  const touched = (await control(url, 'quickbooks/touch?stream=invoices&count=2')).body.ids;
  await control(url, 'quickbooks/delete?stream=Invoice&id=300');
  await control(url, 'quickbooks/delete?stream=customers&id=9');
  const { body } = await quickbooksGet(url, token, 'cdc', { entities: 'Invoice,Customer,Vendor', changedSince: since });
  const [invoices, customers, vendors] = body.CDCResponse[0].QueryResponse;
  expect(ids(invoices.Invoice)).toEqual([...touched, '300']);
  expect(invoices.Invoice[0]).toMatchObject({ SyncToken: '1', PrivateNote: 'changed 1 times' });
  expect(invoices.Invoice[2]).toEqual({
    domain: 'QBO',
    status: 'Deleted',
    Id: '300',
    MetaData: { LastUpdatedTime: '2026-01-05T04:01:00-08:00' },
  });
  expect(customers.Customer).toMatchObject([{ Id: '9', Active: false }]);
  expect(vendors).toEqual({});
});

test('a deleted invoice is gone from queries and by id', async () => {
  const { url, token, query } = await connected();
  await control(url, 'quickbooks/delete?stream=invoices&id=3');
  expect((await query("select * from Invoice where Id = '3'")).body.QueryResponse).toEqual({});
  expect((await query('select count(*) from Invoice')).body.QueryResponse.totalCount).toBe(119);
  expect((await quickbooksGet(url, token, 'invoice/3')).status).toBe(400);
});

test('change data capture gives 1000 objects in all, and fails for more than 30 days and for entities it does not know', async () => {
  const { url, token } = await connected({ records: 1_000_000 });
  const cdc = (entities: string, changedSince: number) =>
    quickbooksGet(url, token, 'cdc', { entities, changedSince: new Date(changedSince).toISOString() });
  const [first, second] = (await cdc('Invoice,Bill', START - 29 * DAY)).body.CDCResponse[0].QueryResponse;
  expect([first.maxResults, second]).toEqual([1000, {}]);
  const old = await cdc('Invoice', START - 30 * DAY - 1);
  expect([old.status, old.body.Fault.Error[0].Detail]).toEqual([
    400,
    expect.stringContaining('older than fixed days is not supported'),
  ]);
  for (const entity of ['TimeActivity', 'TaxCode', 'Spaceship']) expect((await cdc(entity, START)).status).toBe(400);
});

test('the limits are 10 a second and 500 a minute for each realm; the answer is XML without Retry-After', async () => {
  const { url, token, clock } = await connected({ rateLimits: true });
  const get = () => quickbooksQuery(url, token, 'select count(*) from Term');
  for (let request = 0; request < 10; request++) expect((await get()).status).toBe(200);
  const refused = await get();
  expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('content-type')]).toEqual([
    429,
    null,
    'application/xml;charset=UTF-8',
  ]);
  expect(refused.body).toContain(
    '<Error code="3001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>',
  );
  clock.advance(1000);
  let passed = 10;
  for (; (await get()).status === 200; passed++) clock.advance(100);
  expect(passed).toBe(500);
  clock.advance(60_000);
  expect((await get()).status).toBe(200);
});

test('the scale of the limits shortens their windows', async () => {
  const { url, token, clock } = await connected({ rateLimits: true, limitScale: 10 });
  const get = () => quickbooksQuery(url, token, 'select count(*) from Term');
  for (let request = 0; request < 10; request++) await get();
  expect((await get()).status).toBe(429);
  clock.advance(100);
  expect((await get()).status).toBe(200);
});

test('the same seed gives the same rows and tokens, another seed others; companies differ', async () => {
  const snapshot = async (seed: number, company = 0) => {
    const { url } = await startMock({ seed });
    const { body } = await connectQuickbooks(url, company);
    const realm = `913000000000000${company + 1}`;
    const rows = await quickbooksQuery(url, body.access_token, 'select * from Invoice maxresults 20', realm);
    return { token: body, rows: rows.body, tid: rows.headers.get('intuit_tid') };
  };
  const first = await snapshot(7);
  expect(await snapshot(7)).toEqual(first);
  expect((await snapshot(8)).rows).not.toEqual(first.rows);
  expect((await snapshot(7, 1)).rows).not.toEqual(first.rows);
});
