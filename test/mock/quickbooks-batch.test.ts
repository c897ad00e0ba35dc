import { expect, test } from 'vitest';
import { call, connectQuickbooks, quickbooksQuery, REALM, startMock } from './started-mock.ts';

async function connected(options: Parameters<typeof startMock>[0] = {}) {
  const started = await startMock(options);
  const token = (await connectQuickbooks(started.url)).body.access_token;
  const send = (body: unknown) =>
    call(`${started.url}/quickbooks/v3/company/${REALM}/batch?minorversion=75`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { ...started, token, send };
}

test('a batch answers its queries in order, each under its id, one Fault for each that fails, inside one 200', async () => {
  const { url, token, send } = await connected({ rateLimits: false });
  const alone = (await quickbooksQuery(url, token, 'select * from Invoice maxresults 2')).body;
  const { status, body } = await send({
    BatchItemRequest: [
      { bId: 'b', Query: 'select * from Invoice maxresults 2' },
      { bId: 'a', Query: 'select * from Invoice startposition 0' },
      { bId: 'c', Query: 'delete everything' },
      { bId: 'd', operation: 'create', Customer: { DisplayName: 'New' } },
      { bId: 'e', Query: 'select count(*) from Customer' },
    ],
  });
  expect([status, Object.keys(body)]).toEqual([200, ['BatchItemResponse', 'time']]);
  const items: Record<string, ReturnType<typeof JSON.parse>>[] = body.BatchItemResponse;
  expect(items.map(({ bId, Fault }) => [bId, Fault?.['Error'][0].code])).toEqual([
    ['b', undefined],
    ['a', '4001'],
    ['c', '4000'],
    ['d', '500'],
    ['e', undefined],
  ]);
  expect(items[0]?.['QueryResponse']).toEqual(alone.QueryResponse);
  expect(Object.keys(items[4]?.['QueryResponse'])).toEqual(['totalCount']);
});

test('a batch of thirty is taken, one of thirty-one, an empty one and one that is no JSON are refused with 400', async () => {
  const { send } = await connected({ rateLimits: false });
  const items = (count: number) => ({
    BatchItemRequest: Array.from({ length: count }, (_, at) => ({
      bId: String(at),
      Query: 'select * from Term maxresults 1',
    })),
  });
  const refused = await Promise.all([send(items(31)), send(items(0)), send('{'), send([])]);
  expect(refused.map(({ status, body }) => [status, body.Fault.type])).toEqual(Array(4).fill([400, 'ValidationFault']));
  const taken = await send(items(30));
  expect([taken.status, taken.body.BatchItemResponse.length]).toEqual([200, 30]);
});

test('40 batches a minute, beside the limits of all requests; what is refused counts nowhere', async () => {
  const { url, token, send, clock } = await connected({ rateLimits: true });
  const one = { BatchItemRequest: [{ bId: '1', Query: 'select * from Term maxresults 1' }] };
  const statuses: number[] = [];
  for (let at = 0; at < 45; at++) {
    statuses.push((await send(one)).status);
    clock.advance(100);
  }
  expect(statuses).toEqual([...Array(40).fill(200), ...Array(5).fill(429)]);
  // Nothing of the five was counted: six others fit beside the four batches of this second.
  const others = await Promise.all(Array.from({ length: 10 }, () => quickbooksQuery(url, token, 'select * from Term')));
  expect(others.filter(({ status }) => status === 200)).toHaveLength(6);
  clock.advance(60_000 - 4500 - 1);
  expect((await send(one)).status).toBe(429);
  clock.advance(1);
  expect((await send(one)).status).toBe(200);
});
