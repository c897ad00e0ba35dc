import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../../src/http/http.ts';
import type { NextApiPage } from '../../src/providers/api-settings.ts';
import { fromDefinition } from '../../src/providers/generic/provider.ts';
import { mycarrierpackets } from '../../src/providers/mycarrierpackets/provider.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { statementPage } from '../../src/providers/quickbooks/statement-page.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import { answer } from './support.ts';

const HOST = 'https://api.example';
const BASE = `${HOST}/v1`;
type Next = (request: HttpRequest, body: unknown, headers?: Record<string, string>) => NextApiPage | undefined;
const nextOf =
  (provider: Provider): Next =>
  (request, body, headers) =>
    provider.api.nextPage?.(request, answer(200, body, headers), BASE);
const get = (path: string, headers: Record<string, string> = {}): HttpRequest => ({
  ...{ method: 'GET', url: `${HOST}${path}`, headers },
});
/** The request with another URL. */
const at = (request: HttpRequest, path: string) => ({ next: { ...request, url: `${HOST}${path}` } });
const LAST = { end: 'last' };
const UNPAGED = { end: 'unpaged' };

describe('Slack', () => {
  const next = nextOf(slack);
  const list = get('/api/users.list?limit=2&cursor=old', { accept: 'application/json' });
  const page = (cursor?: string, members: unknown[] = [{ id: 'U1' }, { id: 'U2' }]) => ({
    ...{ ok: true, members, cache_ts: 1767607200, response_metadata: { next_cursor: cursor } },
  });

  test('the cursor of the answer takes the place of the one before, and everything else of the request stays', () => {
    expect(next(list, page('dXNlcjpVMEc5V0ZYTlo='))).toEqual(
      at(list, '/api/users.list?limit=2&cursor=dXNlcjpVMEc5V0ZYTlo%3D'),
    );
  });

  test.each([
    ['a short page', [{ id: 'U1' }]],
    ['an empty page', []],
  ])('%s with a cursor is not the end', (_what, members) =>
    expect(next(list, page('more', members))).toEqual(at(list, '/api/users.list?limit=2&cursor=more')),
  );

  test.each([
    ['an empty cursor', list, page('')],
    ['an absent cursor', list, page(undefined)],
    ['no metadata at all', get('/api/conversations.history?channel=C1'), { ok: true, messages: [], has_more: false }],
  ])('%s is the end', (_what, request, body) => expect(next(request, body)).toEqual(LAST));

  test.each([
    ['a method without pages', get('/api/auth.test'), { ok: true, team: 'Acme' }],
    ['a method that counts its pages', get('/api/files.list'), { ok: true, files: [], paging: { page: 1, pages: 3 } }],
  ])('%s is not followed, and says so', (_what, request, body) => expect(next(request, body)).toEqual(UNPAGED));

  test('the cursor goes into a form or a JSON body where the arguments are there', () => {
    const post = (type: string, body: string | Uint8Array) => ({
      ...{ method: 'POST', url: `${HOST}/api/users.list`, headers: { 'content-type': type }, body },
    });
    const form = post('application/x-www-form-urlencoded', 'limit=2&cursor=a%3D');
    const json = post('application/json; charset=utf-8', new TextEncoder().encode('{"limit":2,"team_id":"T1"}'));
    expect([next(form, page('b=')), next(json, page('b='))]).toEqual([
      { next: { ...form, body: 'limit=2&cursor=b%3D' } },
      { next: { ...json, body: '{"limit":2,"team_id":"T1","cursor":"b="}' } },
    ]);
  });
});

describe('QuickBooks', () => {
  const next = nextOf(quickbooks);
  const query = (statement: string) =>
    get(`/v3/company/1/query?${new URLSearchParams({ minorversion: '75', query: statement })}`);
  const rows = (count: number, name = 'Invoice') => ({
    QueryResponse: {
      [name]: Array.from({ length: count }, (_, at) => ({ Id: String(at) })),
      startPosition: 1,
      maxResults: count,
    },
    time: '2026-01-05T02:00:00.000-08:00',
  });
  /** The statement that is asked for next. */
  const follow = (statement: string, count: number) => {
    const found = next(query(statement), rows(count));
    return found !== undefined && 'next' in found ? new URL(found.next.url).searchParams.get('query') : found;
  };

  test.each([
    ['select * from Invoice', 100, 'select * from Invoice STARTPOSITION 101'],
    ['select * from Invoice  ', 100, 'select * from Invoice STARTPOSITION 101  '],
    ['select * from Invoice maxresults 10', 10, 'select * from Invoice STARTPOSITION 11 maxresults 10'],
    [
      'SELECT * FROM Bill STARTPOSITION 1 MAXRESULTS 1000',
      1000,
      'SELECT * FROM Bill STARTPOSITION 1001 MAXRESULTS 1000',
    ],
    ['select * from Bill startposition\n 201', 100, 'select * from Bill STARTPOSITION 301'],
    [
      "select * from Customer where DisplayName = 'O\\'Hare maxresults 5' orderby MetaData.LastUpdatedTime maxresults 2",
      2,
      "select * from Customer where DisplayName = 'O\\'Hare maxresults 5' orderby MetaData.LastUpdatedTime STARTPOSITION 3 maxresults 2",
    ],
    [
      "select * from Item where Name = 'STARTPOSITION 9'",
      100,
      "select * from Item where Name = 'STARTPOSITION 9' STARTPOSITION 101",
    ],
  ])('%j with %i rows goes on at the row behind the last one', (statement, count, expected) =>
    expect(follow(statement, count)).toBe(expected),
  );

  test.each([
    ['a page that is not full', 'select * from Invoice', 99],
    ['a page that is not full of the size asked for', 'select * from Invoice maxresults 1000', 100],
    ['an empty page', 'select * from Invoice startposition 101', 0],
  ])('%s is the last', (_what, statement, count) => expect(follow(statement, count)).toEqual(LAST));

  test('no rows, a count and a Fault are the end', () => {
    for (const body of [
      { QueryResponse: {} },
      { QueryResponse: { totalCount: 1000 } },
      { Fault: { Error: [] } },
      '<x/>',
    ])
      expect(next(query('select * from Invoice'), body)).toEqual(LAST);
  });

  test('a statement that was posted is posted again', () => {
    const body = new TextEncoder().encode('select * from Vendor maxresults 2');
    const headers = { 'content-type': 'application/text' };
    const posted = { method: 'POST', url: `${HOST}/v3/company/1/query?minorversion=75`, headers, body };
    expect(next(posted, rows(2, 'Vendor'))).toEqual({
      next: { ...posted, body: 'select * from Vendor STARTPOSITION 3 maxresults 2' },
    });
  });

  test('whatever stands in quotes, a statement from another position says that position and the same size', () => {
    const quoted = fc.string().map((text) => `'${text.replace(/['\\\\]/g, '\\\\$&')}'`);
    const clause = (name: string) =>
      fc.option(
        fc.nat({ max: 1000 }).map((n) => ` ${name} ${n}`),
        { nil: '' },
      );
    fc.assert(
      fc.property(quoted, clause('STARTPOSITION'), clause('maxresults'), fc.nat(), (text, start, size, position) => {
        const page = statementPage(`select * from Item where Name = ${text}${start}${size}`);
        const moved = statementPage(page.from(position));
        expect([moved.start, moved.size, page.from(position)]).toEqual([
          position,
          page.size,
          expect.stringContaining(text),
        ]);
      }),
    );
  });

  test('change data, a row and a report have no pages', () => {
    const changes = { CDCResponse: [{ QueryResponse: [{ Invoice: Array(1000).fill({}), maxResults: 1000 }] }] };
    expect(next(get('/v3/company/1/cdc?entities=Invoice&changedSince=2026-01-05'), changes)).toEqual(UNPAGED);
    expect(next(get('/v3/company/1/invoice/145'), { Invoice: { Id: '145' } })).toEqual(UNPAGED);
    expect(next(get('/v3/company/1/reports/AgedPayables?query=x'), {})).toEqual(UNPAGED);
  });
});

describe('MyCarrierPackets', () => {
  const next = nextOf(mycarrierpackets);
  const changes = (query: string) => get(`/api/v1/Carrier/CarriersChanges${query}`);
  const header = (pageNumber: number, totalPages: number) => ({
    'x-pagination': JSON.stringify({ pageNumber, pageSize: 250, totalPages, totalCount: 612 }),
  });
  const data = (pageNumber: unknown, totalPages: unknown) => ({
    ...{ pageNumber, pageSize: 250, totalPages, totalCount: 612, succeeded: true, message: null, data: [{}] },
  });

  test.each([
    ['the header', '?pageNumber=1&pageSize=250', {}, header(1, 3), '?pageNumber=2&pageSize=250'],
    ['the body', '?pageNumber=2&pageSize=9999', data(2, 3), {}, '?pageNumber=3&pageSize=9999'],
    ['numbers as text in the body', '?pageNumber=2', data('2', '3'), {}, '?pageNumber=3'],
    ['a request that named no page', '', data(1, 3), {}, '?pageNumber=2'],
    ['a name in another case', '?PageNumber=1', {}, header(1, 3), '?PageNumber=2'],
    ['a wrong number in the answer', '?pageNumber=2', {}, header(1, 4), '?pageNumber=3'],
  ])('%s leads to the next number', (_what, query, body, headers, expected) =>
    expect(next(changes(query), body, headers)).toEqual(
      at(changes(query), `/api/v1/Carrier/CarriersChanges${expected}`),
    ),
  );

  test.each([
    ['the last page', '?pageNumber=3', {}, header(3, 3)],
    ['a page behind the last', '?pageNumber=9', [], header(9, 3)],
    ['no pages at all', '?pageNumber=1', [], header(1, 0)],
    ['an answer that claims to be further than was asked', '?pageNumber=1', {}, header(3, 3)],
  ])('%s is the end', (_what, query, body, headers) => expect(next(changes(query), body, headers)).toEqual(LAST));

  test('everything at once, without a word of pages, is one page', () => {
    expect(next(changes('?fromDate=2026-01-01'), { CarrierList: Array(900).fill({}) })).toEqual(UNPAGED);
    expect(next(changes(''), {}, { 'x-pagination': 'nonsense' })).toEqual(UNPAGED);
  });
});

describe('a provider in JSON', () => {
  const acme = (streams: Parameters<typeof fromDefinition>[0]['streams'] = []) =>
    nextOf(fromDefinition({ id: 'acme', api: { baseUrl: `${HOST}/v1/` }, streams }));
  const cursor = { type: 'cursor', parameter: 'after', next: 'meta.next' } as const;
  const items = { name: 'items', path: '/items', items: 'data', page: cursor } as const;

  test('a request for the path of a stream is paged as the stream is', () => {
    const request = get('/v1/items?status=open');
    expect(acme([items])(request, { data: [{}], meta: { next: 'c2' } })).toEqual(
      at(request, '/v1/items?status=open&after=c2'),
    );
    expect(acme([items])(request, { data: [], meta: { next: null } })).toEqual(LAST);
    expect(acme([items])(request, { data: [], meta: { next: { a: 1 } } })).toEqual({
      problem: 'meta.next is no page token',
    });
  });

  test('pages by number and by offset go on from what the request asked for', () => {
    const by = (type: 'page' | 'offset', more = {}) => acme([{ ...items, page: { type, parameter: 'p', ...more } }]);
    const request = get('/v1/items?p=3');
    expect(by('page')(request, { data: [{}, {}] })).toEqual(at(request, '/v1/items?p=4'));
    expect(by('offset')(request, { data: [{}, {}] })).toEqual(at(request, '/v1/items?p=5'));
    expect(by('offset')(get('/v1/items'), { data: [{}, {}] })).toEqual(at(request, '/v1/items?p=2'));
    expect(by('page')(request, { data: [] })).toEqual(LAST);
    expect(by('page', { next: 'next' })(request, { data: [{}], next: 2 })).toEqual({
      problem: 'next does not advance: 2 after 3',
    });
    expect(by('page')(get('/v1/items?p=last'), { data: [{}] })).toEqual({
      problem: 'p does not advance: NaN after NaN',
    });
  });

  test('the stream whose fixed query fits goes before one with the same path; the external id stands for any one segment', () => {
    const byOffset = {
      ...items,
      name: 'archive',
      path: '/items?state=archived',
      page: { type: 'offset', parameter: 'o' },
    } as const;
    const next = acme([items, byOffset, { ...items, name: 'loads', path: '/t/{externalId}/loads' }]);
    const archived = get('/v1/items?state=archived');
    const loads = get('/v1/t/T-1/loads');
    const body = { data: [{}], meta: { next: 'c2' } };
    expect(next(archived, body)).toEqual(at(archived, '/v1/items?state=archived&o=1'));
    expect(next(loads, body)).toEqual(at(loads, '/v1/t/T-1/loads?after=c2'));
    for (const path of ['/v1/t/T-1/x/loads', '/v1/items/7', '/v1/itemsx', '/v2/items'])
      expect([path, next(get(path), body)]).toEqual([path, UNPAGED]);
  });

  test('where no stream fits, a Link header is followed, relative to the request and without its fragment', () => {
    const next = acme([{ ...items, page: { type: 'none' } }]);
    const request = get('/v1/orders?page=1', { accept: 'application/json' });
    const link = (value: string) => next(request, [], { link: value });
    expect(link('<https://api.example/v1/orders?page=2>; rel="next", </v1/orders?page=9>; rel="last"')).toEqual(
      at(request, '/v1/orders?page=2'),
    );
    expect(link('<?page=3#top>; rel=next')).toEqual(at(request, '/v1/orders?page=3'));
    expect(link('</v1/orders?page=1>; rel="prev first"')).toEqual(LAST);
    expect(link('<http://[>; rel=next')).toEqual({ problem: 'the next link is no URL' });
    expect(next(request, [])).toEqual(UNPAGED);
    expect(next(get('/v1/items'), { data: [{}] }, { link: '<?page=2>; rel=next' })).toEqual(LAST);
  });
});
