import { describe, expect, test } from 'vitest';
import { isLwiError } from '../../src/errors.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import type { PageRequest } from '../../src/providers/stream.ts';
import { DAY_MS, NOW, pull, read, streamNamed, windowFrom } from './support.ts';

const stream = (name: string) => streamNamed(quickbooks.streams, name);
const invoices = stream('invoices');
const row = (id: number, time: number) => ({
  Id: String(id),
  MetaData: { LastUpdatedTime: new Date(time).toISOString() },
});

describe('the change feed', () => {
  const since = NOW - DAY_MS;
  const window = windowFrom(since);
  const { request, coverage } = invoices.start(window);

  test('is asked for windows of up to 29 days', () => {
    expect({ request, coverage }).toEqual({
      request: {
        method: 'GET',
        path: '/v3/company/9130000000000001/cdc',
        query: { entities: 'Invoice', changedSince: '2026-01-04T10:00:00Z' },
        state: { feed: 'changes', since },
      },
      coverage: [],
    });
    expect(invoices.start(windowFrom(NOW - 29 * DAY_MS)).request.path).toMatch(/\/cdc$/);
  });

  test('gives changes, deletions and documents that are void but there', () => {
    const deleted = {
      domain: 'QBO',
      status: 'Deleted',
      Id: '58',
      MetaData: { LastUpdatedTime: '2026-01-05T02:01:00-08:00' },
    };
    const changed = { Id: '145', SyncToken: '3', MetaData: { LastUpdatedTime: '2026-01-05T02:00:00-08:00' } };
    const voided = { Id: '7', status: 'Voided' };
    const group = { Invoice: [changed, deleted, voided, { status: 'Deleted' }], startPosition: 1, maxResults: 4 };
    const body = { CDCResponse: [{ QueryResponse: [group, {}] }], time: '2026-01-05T02:05:00.000-08:00' };
    expect(read(invoices, request, window, body)).toEqual({
      records: [
        { id: '145', updatedAt: NOW, deleted: false, data: changed },
        { id: '58', updatedAt: NOW + 60_000, deleted: true, data: deleted },
        { id: '7', deleted: false, data: voided },
      ],
      rejected: [{ reason: 'a row of Invoice has no Id', row: { status: 'Deleted' } }],
    });
  });

  test('without changes is an empty page', () => {
    expect(read(invoices, request, window, { CDCResponse: [{ QueryResponse: [{}] }] })).toEqual({
      records: [],
      rejected: [],
    });
  });

  const many = (at: (id: number) => number) => {
    const rows = Array.from({ length: 1000 }, (_, id) => row(id, at(id)));
    return { CDCResponse: [{ QueryResponse: [{ Invoice: rows }] }] };
  };

  test('with as many objects as fit, in the order of change, is asked again from the last of them on', () => {
    const page = read(
      invoices,
      request,
      window,
      many((id) => since + id * 1000),
    );
    expect(page).toMatchObject({
      next: {
        path: '/v3/company/9130000000000001/cdc',
        query: { entities: 'Invoice', changedSince: '2026-01-04T10:16:39Z' },
        state: { feed: 'changes', since: since + 999_000 },
      },
    });
    expect(page.coverage).toBeUndefined();
    const again = page.next as PageRequest;
    // A full answer whose changes are all of one second leads no further.
    const stuck = read(
      invoices,
      again,
      window,
      many(() => since + 999_000),
    );
    expect(stuck.next?.query['query']).toContain("MetaData.LastUpdatedTime >= '2026-01-04T10:16:39Z'");
  });

  test.each([
    ['in another order', (id: number) => since + 999_000 - id * 1000],
    ['all of one second', () => since],
  ])(
    'with as many objects as fit, %s, is followed by a query of the same window, and says what that cannot see',
    (_, at) => {
      const page = read(invoices, request, window, many(at));
      expect(page.records.length).toBe(1000);
      expect(page.next).toEqual({
        method: 'GET',
        path: '/v3/company/9130000000000001/query',
        query: {
          query:
            "select * from Invoice where MetaData.LastUpdatedTime >= '2026-01-04T10:00:00Z' and MetaData.LastUpdatedTime <= '2026-01-05T10:00:00Z' orderby MetaData.LastUpdatedTime asc startposition 1 maxresults 1000",
        },
        state: { feed: 'query', from: since, position: 1 },
      });
      expect(page.coverage).toEqual([
        'More than 999 records changed, the most that the change feed of QuickBooks gives: the changes were queried, but deletions beyond those in the feed are not covered; `lwi sync quickbooks --full` finds them.',
      ]);
    },
  );

  test('with 999 objects is complete', () => {
    const rows = Array.from({ length: 999 }, (_, id) => row(id, since + id));
    expect(
      read(invoices, request, window, { CDCResponse: [{ QueryResponse: [{ Invoice: rows }] }] }).next,
    ).toBeUndefined();
  });
});

describe('the query', () => {
  test('takes the place of the change feed for longer windows, and says so', () => {
    expect(invoices.start(windowFrom(NOW - 29 * DAY_MS - 1))).toEqual({
      request: {
        method: 'GET',
        path: '/v3/company/9130000000000001/query',
        query: {
          query:
            "select * from Invoice where MetaData.LastUpdatedTime >= '2025-12-07T09:59:59Z' orderby MetaData.LastUpdatedTime asc startposition 1 maxresults 1000",
        },
        state: { feed: 'query', from: NOW - 29 * DAY_MS - 1, position: 1 },
      },
      count: {
        method: 'GET',
        path: '/v3/company/9130000000000001/query',
        query: { query: "select count(*) from Invoice where MetaData.LastUpdatedTime >= '2025-12-07T09:59:59Z'" },
        state: { feed: 'count' },
      },
      coverage: [
        'Deletions are not covered: the change feed of QuickBooks reaches back 30 days and this window is longer, so changes were queried; `lwi sync quickbooks --full` finds them.',
      ],
    });
  });

  test('takes its place for what the feed does not carry', () => {
    const { request, coverage } = stream('tax-rates').start(windowFrom(NOW - DAY_MS));
    expect(request.query['query']).toBe(
      "select * from TaxRate where MetaData.LastUpdatedTime >= '2026-01-04T10:00:00Z' and Active IN (true, false) orderby MetaData.LastUpdatedTime asc startposition 1 maxresults 1000",
    );
    expect(coverage).toEqual([
      'Deletions are not covered: the change feed of QuickBooks does not carry them, so changes were queried; `lwi sync quickbooks --full` finds them.',
    ]);
  });

  test('of everything misses nothing, so it says nothing, and asks for inactive rows where they hide', () => {
    const { request, coverage } = stream('customers').start(windowFrom());
    expect(request.query['query']).toBe(
      'select * from Customer where Active IN (true, false) orderby MetaData.LastUpdatedTime asc startposition 1 maxresults 1000',
    );
    expect(coverage).toEqual([]);
  });

  test('without rows is an empty page', () => {
    const window = windowFrom();
    const { request } = invoices.start(window);
    expect(read(invoices, request, window, { QueryResponse: {}, time: 'x' })).toEqual({ records: [], rejected: [] });
  });

  test('of another shape is a bad response', () => {
    const window = windowFrom();
    const { request } = invoices.start(window);
    for (const body of [{}, [], 'text', { QueryResponse: [] }, { QueryResponse: { Invoice: {} } }]) {
      let thrown: unknown;
      try {
        read(invoices, request, window, body);
      } catch (error) {
        thrown = error;
      }
      expect(isLwiError(thrown, 'BAD_RESPONSE')).toBe(true);
    }
  });
});

/** Answers statements as Intuit would: order by time, filter, cut. */
function company(rows: { Id: string; MetaData: { LastUpdatedTime: string } }[]) {
  return (statement: string) => {
    const bound = (operator: string) => {
      const text = new RegExp(`LastUpdatedTime ${operator} '([^']+)'`).exec(statement)?.[1];
      return text === undefined ? undefined : Date.parse(text);
    };
    const [from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY] = [bound('>='), bound('<=')];
    const position = Number(/startposition (\d+)/.exec(statement)?.[1]);
    const timeOf = (row: { MetaData: { LastUpdatedTime: string } }) => Date.parse(row.MetaData.LastUpdatedTime);
    const found = rows
      .filter((row) => timeOf(row) >= from && timeOf(row) <= until)
      .sort((a, b) => timeOf(a) - timeOf(b) || Number(a.Id) - Number(b.Id))
      .slice(position - 1, position + 999);
    return { body: { QueryResponse: found.length > 0 ? { Invoice: found } : {} } };
  };
}

describe('paging by query', () => {
  const start = NOW - 300 * DAY_MS;

  test('finds every row', () => {
    const rows = Array.from({ length: 2500 }, (_, id) => row(id, start + id * 700));
    const answers = company(rows);
    const { ids, requests } = pull(invoices, windowFrom(), (request) => answers(request.query['query'] ?? ''));
    expect(new Set(ids).size).toBe(2500);
    expect(requests.length).toBe(3);
  });

  test('finds every row where thousands carry the same moment', () => {
    const rows = Array.from({ length: 3500 }, (_, id) => row(id, id < 100 ? start : start + 5000));
    const answers = company(rows);
    const { ids } = pull(invoices, windowFrom(), (request) => answers(request.query['query'] ?? ''));
    expect(new Set(ids).size).toBe(3500);
  });

  test('loses no row when others are changed during the run', () => {
    const rows = Array.from({ length: 2500 }, (_, id) => row(id, start + id * 1000));
    let pages = 0;
    const { ids } = pull(invoices, windowFrom(), (request) => {
      const page = company(rows)(request.query['query'] ?? '');
      pages += 1;
      // Ten rows of the page just read move behind the end of the window.
      for (const moved of rows.slice(pages * 10, pages * 10 + 10))
        moved.MetaData.LastUpdatedTime = new Date(NOW + DAY_MS).toISOString();
      return page;
    });
    expect(new Set(ids).size).toBe(2500);
  });

  test('goes on by position where rows carry no time at all', () => {
    const timeless = Array.from({ length: 1000 }, (_, id) => ({ Id: String(id) }));
    const window = windowFrom();
    const page = read(invoices, invoices.start(window).request, window, { QueryResponse: { Invoice: timeless } });
    expect(page.next?.state).toEqual({ feed: 'query', from: null, position: 1001 });
  });
});

test('one record is looked up by a query that cannot be broken out of', () => {
  const window = windowFrom();
  const request = invoices.lookup?.("1' or \\", window);
  expect(request).toEqual({
    method: 'GET',
    path: '/v3/company/9130000000000001/query',
    query: { query: "select * from Invoice where Id = '1\\' or \\\\'" },
    state: { feed: 'query', from: null, position: 1 },
  });
});
