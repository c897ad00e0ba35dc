import { expect, test } from 'vitest';
import type { MockOptions } from '../../src/mock/settings.ts';
import { PASTED_SLACK_TOKENS } from '../../src/mock/slack/slack.ts';
import { parseWriter } from '../../src/mock/writer.ts';
import {
  call,
  connectQuickbooks,
  control,
  quickbooksGet,
  quickbooksQuery,
  slackCall,
  startMock,
} from './started-mock.ts';

interface LiveRow {
  readonly id: string;
  readonly version: number;
  readonly hidden: boolean;
  readonly changedAt: string;
  readonly row: Record<string, unknown>;
}

async function live(url: string, path: string): Promise<LiveRow[]> {
  return (await call(`${url}/_mock/${path}/live`)).body.rows;
}

/** A mock that has been read ten times, with what was written meanwhile. */
async function readTenTimes(options: Partial<MockOptions>) {
  const { url, clock } = await startMock({ rateLimits: false, records: 50, ...options });
  const { body } = await connectQuickbooks(url);
  for (let times = 0; times < 5; times++) {
    clock.advance(1000);
    await quickbooksQuery(url, body.access_token, 'select * from Invoice');
    await quickbooksGet(url, body.access_token, 'cdc', {
      entities: 'Customer,Invoice',
      changedSince: '2026-01-05T11:00:00Z',
    });
  }
  return { url, invoices: await live(url, 'quickbooks/invoices'), customers: await live(url, 'quickbooks/customers') };
}

test('a writer touches, adds and deletes rows of what is read, the same ones for the same seed', async () => {
  const quiet = await readTenTimes({});
  const first = await readTenTimes({ writer: { rate: 8, seed: 3 } });
  const again = await readTenTimes({ writer: { rate: 8, seed: 3 } });
  const other = await readTenTimes({ writer: { rate: 8, seed: 4 } });
  expect(quiet.invoices.map(({ version }) => version)).toEqual(Array.from({ length: 50 }, () => 0));
  expect(first).toEqual({ ...again, url: first.url });
  expect(other.invoices).not.toEqual(first.invoices);
  const ids = new Set(first.invoices.map(({ id }) => id));
  expect(first.invoices.some(({ version }) => version > 0)).toBe(true);
  expect([...ids].some((id) => Number(id) > 50)).toBe(true);
  expect(quiet.invoices.some(({ id }) => !ids.has(id))).toBe(true);
  // Names are never deleted: they become inactive, one in twenty is from the start.
  expect(first.customers.length).toBeGreaterThanOrEqual(50);
  expect(first.customers.filter(({ hidden }) => hidden).length).toBeGreaterThan(2);
});

test('parts of a change add up, and nobody writes for a token, a control or a stream that is not read', async () => {
  const { url, clock } = await startMock({ rateLimits: false, records: 10, writer: { rate: 0.5, seed: 1 } });
  const { body } = await connectQuickbooks(url);
  await live(url, 'quickbooks/invoices');
  const changes = async () => {
    const rows = await live(url, 'quickbooks/invoices');
    return rows.reduce((sum, { version }) => sum + version, 0) + Math.abs(rows.length - 10);
  };
  expect(await changes()).toBe(0);
  clock.advance(1000);
  await quickbooksQuery(url, body.access_token, 'select * from Invoice');
  expect(await changes()).toBe(0);
  await quickbooksQuery(url, body.access_token, 'select * from Invoice');
  expect(await changes()).toBe(1);
  expect(await live(url, 'quickbooks/bills')).toEqual(
    await live((await startMock({ records: 10 })).url, 'quickbooks/bills'),
  );
});

test('the lever begins and ends writing', async () => {
  const { url } = await startMock({ rateLimits: false, records: 10 });
  expect((await control(url, 'writer?rate=20&seed=7')).body).toEqual({ writer: { rate: 20, seed: 7 } });
  const read = () => slackCall(url, PASTED_SLACK_TOKENS.bot, 'conversations.history?channel=C00000001');
  const quiet = await live(url, 'slack/messages:C00000001');
  await read();
  const written = await live(url, 'slack/messages:C00000001');
  expect(written).not.toEqual(quiet);
  expect((await control(url, 'writer?rate=0')).status).toBe(200);
  await read();
  expect(await live(url, 'slack/messages:C00000001')).toEqual(written);
  for (const query of ['', '?rate=', '?rate=-1', '?rate=10001', '?rate=1&seed=x', '?rate=1&seed=1&seed=2']) {
    expect((await control(url, `writer${query}`)).status).toBe(400);
  }
});

test('what is live is shown as the API shows it, with its id and time', async () => {
  const { url } = await startMock({ records: 25 });
  const { body } = await connectQuickbooks(url);
  await control(url, 'quickbooks/delete?stream=customers&id=3');
  await control(url, 'quickbooks/delete?stream=invoices&id=3');
  const answer = await quickbooksQuery(url, body.access_token, 'select * from Customer where Active in (true, false)');
  const customers = await live(url, 'quickbooks/customers');
  expect(customers.map(({ row }) => row)).toEqual(answer.body.QueryResponse.Customer);
  expect(customers.find(({ id }) => id === '3')).toMatchObject({ hidden: true, version: 1, row: { Active: false } });
  expect((await live(url, 'quickbooks/invoices')).map(({ id }) => id)).not.toContain('3');
  const users = (await slackCall(url, PASTED_SLACK_TOKENS.bot, 'users.list')).body.members;
  expect((await live(url, 'slack/users')).map(({ row }) => row)).toEqual(users);
  expect((await live(url, 'mycarrierpackets/monitored-carriers'))[0]).toMatchObject({
    id: '1000000',
    row: { DOTNumber: 1000000 },
  });
  expect((await call(`${url}/_mock/quickbooks/nothing/live`)).status).toBe(404);
  expect((await call(`${url}/_mock/nobody/invoices/live`)).status).toBe(404);
  expect((await control(url, 'quickbooks/invoices/live')).status).toBe(405);
  expect((await call(`${url}/_mock/quickbooks/invoices/dead`)).status).toBe(404);
});

test('a writer is read from text', () => {
  expect(parseWriter('0.5')).toEqual({ rate: 0.5, seed: 1 });
  expect(parseWriter('20:7')).toEqual({ rate: 20, seed: 7 });
  for (const text of ['', '-1', '1e3', '20:', '20:x', '10001', '1:1:1', ' 1']) {
    expect(() => parseWriter(text)).toThrow('A writer is <changes>[:<seed>]');
  }
});
