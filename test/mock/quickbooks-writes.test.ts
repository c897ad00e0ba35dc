import { expect, test } from 'vitest';
import { call, connectQuickbooks, control, quickbooksGet, quickbooksQuery, REALM, startMock } from './started-mock.ts';

async function connected(options?: Parameters<typeof startMock>[0]) {
  const started = await startMock({ rateLimits: false, records: 40, ...options });
  const { url } = started;
  const token: string = (await connectQuickbooks(url)).body.access_token;
  const headers = {
    ...{ authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': 'application/json' },
  };
  const post = (path: string, body: unknown, more: Record<string, string> = {}) =>
    call(`${url}/quickbooks/v3/company/${REALM}/${path}`, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const get = async (path: string) => (await quickbooksGet(url, token, path)).body;
  const count = async (entity: string) =>
    (await quickbooksQuery(url, token, `select count(*) from ${entity}`)).body.QueryResponse.totalCount;
  return { ...started, token, post, get, count };
}

const LINE = { Amount: 1500, DetailType: 'SalesItemLineDetail', SalesItemLineDetail: { ItemRef: { value: '1' } } };
const INVOICE = { CustomerRef: { value: '3' }, Line: [LINE], PrivateNote: 'LD-4411' };
const faultOf = ({
  status,
  body,
}: {
  status: number;
  body: { Fault: { Error: [{ code: string; element: string }] } };
}) => [status, body.Fault.Error[0].code, body.Fault.Error[0].element];

test('a created invoice has the next id, a number and a total, and is found by id, by query and in the change feed', async () => {
  const { url, token, clock, post, get, count } = await connected();
  const since = new Date(clock.now()).toISOString();
  clock.advance(60_000);
  const { status, body } = await post('invoice', INVOICE);
  expect(status).toBe(200);
  expect(body.Invoice).toEqual({
    ...{ Id: '41', SyncToken: '0', domain: 'QBO', sparse: false, DocNumber: '10040', TxnDate: '2026-01-05' },
    ...{
      CurrencyRef: { value: '0', name: 'United States Dollar' },
      CustomerRef: { value: '3' },
      PrivateNote: 'LD-4411',
    },
    Line: [
      { Id: '1', LineNum: 1, ...LINE },
      { Amount: 1500, DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} },
    ],
    ...{ TotalAmt: 1500, Balance: 1500 },
    MetaData: { CreateTime: '2026-01-05T04:01:00-08:00', LastUpdatedTime: '2026-01-05T04:01:00-08:00' },
  });
  expect((await get('invoice/41')).Invoice).toEqual(body.Invoice);
  expect(await count('Invoice')).toBe(41);
  const changes = await quickbooksGet(url, token, 'cdc', { entities: 'Invoice', changedSince: since });
  expect(changes.body.CDCResponse[0].QueryResponse[0].Invoice).toEqual([body.Invoice]);
});

test('a sparse update changes the given members and keeps the others; a full one clears what it leaves out', async () => {
  const { post, get } = await connected();
  const before = (await get('invoice/5')).Invoice;
  const sparse = await post('invoice', { Id: '5', SyncToken: '0', sparse: true, PrivateNote: 'paid by factoring' });
  const { MetaData, ...rest } = before;
  const MetaDataNow = { ...MetaData, LastUpdatedTime: '2026-01-05T04:00:00-08:00' };
  expect(sparse.body.Invoice).toEqual({
    ...{ ...rest, MetaData: MetaDataNow, SyncToken: '1', PrivateNote: 'paid by factoring' },
    Line: [{ ...rest.Line[0] }, rest.Line[1]],
  });
  const full = await post('invoice', { Id: '5', SyncToken: '1', ...INVOICE, PrivateNote: undefined });
  expect(full.body.Invoice).toMatchObject({ SyncToken: '2', TotalAmt: 1500 });
  expect(full.body.Invoice).not.toHaveProperty('PrivateNote');
  expect(full.body.Invoice).not.toHaveProperty('BillAddr');
  expect((await get('invoice/5')).Invoice).toEqual(full.body.Invoice);
});

test('a stale SyncToken is 5010 and changes nothing; with the current one the same update goes through', async () => {
  const { url, post, get } = await connected();
  await post('invoice', { Id: '5', SyncToken: '0', sparse: true, CustomerMemo: { value: 'first' } });
  await control(url, 'quickbooks/touch?stream=invoices&id=5');
  const update = (SyncToken: string) => post('invoice', { Id: '5', SyncToken, sparse: true, DocNumber: 'LD-1' });
  const current = (await get('invoice/5')).Invoice;
  expect(current).toMatchObject({ SyncToken: '2', CustomerMemo: { value: 'first' }, PrivateNote: 'changed 1 times' });
  expect(faultOf(await update('1'))).toEqual([400, '5010', '']);
  expect((await get('invoice/5')).Invoice).toEqual(current);
  expect((await update(current.SyncToken)).body.Invoice).toMatchObject({
    ...{ SyncToken: '3', DocNumber: 'LD-1', CustomerMemo: { value: 'first' }, PrivateNote: 'changed 1 times' },
  });
});

test('a transaction is deleted by its current SyncToken and is then a tombstone; a name is only made inactive, and active again', async () => {
  const { post, get, count } = await connected();
  expect(faultOf(await post('invoice?operation=delete', { Id: '7', SyncToken: '9' }))).toEqual([400, '5010', '']);
  const gone = await post('invoice?operation=delete', { Id: '7', SyncToken: '0' });
  expect(gone.body.Invoice).toEqual({ domain: 'QBO', status: 'Deleted', Id: '7' });
  expect((await get('invoice/7')).Fault.Error[0].code).toBe('610');
  expect(faultOf(await post('invoice', { Id: '7', SyncToken: '1', sparse: true }))).toEqual([400, '610', '']);
  expect(faultOf(await post('customer?operation=delete', { Id: '7', SyncToken: '0' }))).toEqual([400, '500', '']);
  const before = await count('Customer');
  await post('customer', { Id: '7', SyncToken: '0', sparse: true, Active: false });
  expect([(await get('customer/7')).Customer.Active, await count('Customer')]).toEqual([false, before - 1]);
  await post('customer', { Id: '7', SyncToken: '1', sparse: true, Active: true });
  expect([(await get('customer/7')).Customer.Active, await count('Customer')]).toEqual([true, before]);
});

test('the same requestid gets the same answer and is done once, also when both come at the same moment', async () => {
  const { post, count } = await connected();
  const twice = await Promise.all([post('invoice?requestid=r-1', INVOICE), post('invoice?requestid=r-1', INVOICE)]);
  const third = await post('invoice?requestid=r-1', INVOICE);
  expect([...twice, third].map(({ status, body }) => [status, body])).toEqual(Array(3).fill([200, third.body]));
  expect(await count('Invoice')).toBe(41);
  expect((await post('invoice?requestid=r-2', INVOICE)).body.Invoice.Id).toBe('42');
});

test.each([
  ['what is required and missing', 'invoice', { CustomerRef: { value: '3' } }, {}, [400, '2020', 'Line']],
  ['an update without SyncToken', 'invoice', { Id: '5', sparse: true }, {}, [400, '2020', 'SyncToken']],
  ['a deletion without an id', 'invoice?operation=delete', {}, {}, [400, '2020', 'Id']],
  ['a body that is no object', 'invoice', '[1]', {}, [400, '2010', '']],
  ['a body that is no JSON', 'invoice', 'DocNumber=1', {}, [400, '2010', '']],
  ['another media type', 'invoice', INVOICE, { 'content-type': 'text/plain' }, [400, '500', '']],
  ['an entity that there is not', 'spaceship', INVOICE, {}, [400, '500', '']],
  ['an operation that there is not', 'invoice?operation=burn', INVOICE, {}, [400, '500', '']],
])('%s is refused and makes no row', async (_what, path, body, headers, fault) => {
  const { post, count } = await connected();
  expect(faultOf(await post(path, body, headers))).toEqual(fault);
  expect(await count('Invoice')).toBe(40);
});

test('lines of a payment are what it pays for, not what it adds up to', async () => {
  const { post } = await connected();
  const payment = { CustomerRef: { value: '3' }, TotalAmt: 900, Line: [{ Amount: 400 }] };
  expect((await post('payment', payment)).body.Payment).toMatchObject(payment);
});
