import { describe, expect, test } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import type { PageDefinition, StreamDefinition } from '../../src/providers/generic/definition.ts';
import { nextLink } from '../../src/providers/generic/link-header.ts';
import { fromDefinition } from '../../src/providers/generic/provider.ts';
import { readTime } from '../../src/providers/generic/times.ts';
import type { PageRequest, Stream, StreamRecord, SyncWindow } from '../../src/providers/stream.ts';

const BASE = 'https://api.acme.example/v1';
const NOW = Date.UTC(2026, 0, 6);
const WINDOW: SyncWindow = { now: NOW, externalId: 'north/1' };

function stream(definition: Partial<StreamDefinition> = {}): Stream {
  const full = { name: 'items', path: '/items', items: 'data', ...definition };
  const [first] = fromDefinition({ id: 'acme', api: { baseUrl: BASE }, streams: [full] }).streams;
  if (first === undefined) throw new Error('no stream');
  return first;
}

interface Answer {
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

/** Asks a small server for every page, as the sync does; each request goes through JSON, as it would when it is stored. */
function pull(of: Stream, serve: (request: PageRequest) => Answer, window = WINDOW) {
  const requests: PageRequest[] = [];
  const records: StreamRecord[] = [];
  let request: PageRequest | undefined = of.start(window).request;
  while (request !== undefined && requests.length < 50) {
    requests.push(request);
    const { body, headers = {} } = serve(request);
    const page = of.parse({ request: JSON.parse(JSON.stringify(request)), window, body, headers, until: NOW });
    records.push(...page.records);
    request = page.next;
  }
  return { requests: requests.map(({ path, query }) => ({ path, query })), ids: records.map(({ id }) => id) };
}

const broken = (what: string, path = '/items') =>
  new LwiError('BAD_RESPONSE', `acme items: ${what}`, {
    provider: 'acme',
    retryable: false,
    hint: `Compare the answer (lwi api acme '${path}') with the stream's definition.`,
  });

const ROWS = Array.from({ length: 5 }, (_, index) => ({ id: index + 1 }));
const ALL = ['1', '2', '3', '4', '5'];

describe('the first request', () => {
  const since = Date.UTC(2026, 0, 5, 10, 0, 0, 999);
  const query = (definition: Partial<StreamDefinition>) => stream(definition).start({ ...WINDOW, since }).request.query;

  test('since, in each format', () => {
    const formats = ['iso', 'epoch', 'epochMs', 'date'] as const;
    const seen = formats.map((format) => query({ since: { parameter: 'after', format } }));
    expect(seen).toEqual([
      { after: '2026-01-05T10:00:00.999Z' },
      { after: '1767607200' },
      { after: '1767607200999' },
      { after: '2026-01-05' },
    ]);
    expect(query({ since: { parameter: 'after' } })).toEqual({ after: '2026-01-05T10:00:00.999Z' });
  });

  test('without a lower bound no since', () => {
    expect(stream({ since: { parameter: 'after' } }).start(WINDOW).request).toEqual({
      method: 'GET',
      path: '/items',
      query: {},
    });
  });

  test('a fixed query, the size and the tenant in the path', () => {
    const page = { type: 'link', sizeParameter: 'per_page', size: 50 } as const;
    expect(stream({ path: '/t/{externalId}/items?active=true&x=a%20b', page }).start(WINDOW).request).toEqual({
      method: 'GET',
      path: '/t/north%2F1/items',
      query: { active: 'true', x: 'a b', per_page: '50' },
    });
  });

  test('what the window cannot see', () => {
    const told = (definition: Partial<StreamDefinition>, window: SyncWindow) =>
      stream(definition).start(window).coverage;
    const deletions = 'items has no `deleted`: rows that went stay here';
    expect(told({}, WINDOW)).toEqual([deletions]);
    expect(told({}, { ...WINDOW, since })).toEqual(['items has no `since`: every run reads all of it', deletions]);
    expect(told({ deleted: 'gone', since: { parameter: 'a' } }, { ...WINDOW, since })).toEqual([]);
  });
});

describe('pages', () => {
  test('none: one request', () => {
    expect(pull(stream(), () => ({ body: { data: ROWS } }))).toEqual({
      requests: [{ path: '/items', query: {} }],
      ids: ALL,
    });
  });

  test('cursor: until there is none', () => {
    const page = { type: 'cursor', parameter: 'cursor', next: 'meta.next', sizeParameter: 'limit', size: 2 } as const;
    const serve = ({ query }: PageRequest) => {
      const from = Number(query['cursor'] ?? 0);
      const next = from + 2 < ROWS.length ? from + 2 : null;
      return { body: { data: ROWS.slice(from, from + 2), meta: { next } } };
    };
    expect(pull(stream({ page, path: '/items?x=1' }), serve)).toEqual({
      requests: [
        { path: '/items', query: { x: '1', limit: '2' } },
        { path: '/items', query: { x: '1', limit: '2', cursor: '2' } },
        { path: '/items', query: { x: '1', limit: '2', cursor: '4' } },
      ],
      ids: ALL,
    });
  });

  test('cursor: empty, missing and false mean the end', () => {
    for (const meta of [{ next: '' }, {}, null, { next: false }]) {
      const page = { type: 'cursor', parameter: 'c', next: 'meta.next' } as const;
      expect(pull(stream({ page }), () => ({ body: { data: ROWS, meta } })).requests.length).toBe(1);
    }
  });

  test('cursor: a flag goes before the token that the last page has too, and must be there', () => {
    const page = { type: 'cursor', parameter: 'c', next: 'p.end', more: 'p.hasNext' } as const;
    const serve = ({ query }: PageRequest) => ({
      body: {
        data: query['c'] === 'b' ? ROWS.slice(2) : ROWS.slice(0, 2),
        p: { end: 'b', hasNext: query['c'] !== 'b' },
      },
    });
    expect(pull(stream({ page }), serve)).toMatchObject({ ids: ALL, requests: [{ query: {} }, { query: { c: 'b' } }] });
    const without = () => ({ body: { data: ROWS, p: { end: 'b' } } });
    expect(() => pull(stream({ page }), without)).toThrow(broken('there is no p.hasNext'));
  });

  test('offset: by the rows that came, until none come, though the server gives fewer than asked for', () => {
    const page = { type: 'offset', parameter: 'skip', sizeParameter: 'take', size: 100 } as const;
    const serve = ({ query }: PageRequest) => ({ body: { data: ROWS.slice(Number(query['skip'])).slice(0, 2) } });
    const { requests, ids } = pull(stream({ page }), serve);
    expect(ids).toEqual(ALL);
    expect(requests.map(({ query }) => query['skip'])).toEqual(['0', '2', '4', '5']);
  });

  test('page numbers: from 1 or another first one, until a page is empty', () => {
    const serve = (first: number) => (request: PageRequest) => {
      const at = (Number(request.query['p']) - first) * 2;
      return { body: { data: ROWS.slice(at, at + 2) } };
    };
    const one = pull(stream({ page: { type: 'page', parameter: 'p' } }), serve(1));
    expect([one.ids, one.requests.map(({ query }) => query['p'])]).toEqual([ALL, ['1', '2', '3', '4']]);
    const zero = pull(stream({ page: { type: 'page', parameter: 'p', first: 0 } }), serve(0));
    expect([zero.ids, zero.requests.map(({ query }) => query['p'])]).toEqual([ALL, ['0', '1', '2', '3']]);
  });

  test('page numbers with a member that says whether more follow, or which', () => {
    const page = { type: 'page', parameter: 'p', next: 'more' } as const;
    const pages = [ROWS.slice(0, 2), ROWS.slice(2, 4), ROWS.slice(4)];
    const asked = (more: (at: number) => unknown) =>
      pull(stream({ page }), ({ query }) => {
        const at = Number(query['p']);
        return { body: { data: pages[at - 1], more: more(at) } };
      }).requests.map(({ query }) => query['p']);
    expect(asked((at) => at < 3)).toEqual(['1', '2', '3']);
    expect(asked((at) => (at < 3 ? at + 1 : null))).toEqual(['1', '2', '3']);
    expect(asked((at) => (at < 3 ? `${BASE}/items?p=${at + 1}` : undefined))).toEqual(['1', '2', '3']);
  });

  test('link: the next target of the Link header, absolute or relative', () => {
    const page = { type: 'link' } as const;
    const targets: Record<string, string> = {
      '': `<${BASE}/items?page=2&x=a%20b>; rel="next", <${BASE}/items?page=9>; rel="last"`,
      '2': '<?page=3>; rel=next',
      '3': '</v1/items?page=4&tag=a&tag=b>; rel="prefetch next"',
      '4': `<${BASE}/items>; rel="first"`,
    };
    const pageOf = ({ path, query }: PageRequest) =>
      query['page'] ?? new URL(path, BASE).searchParams.get('page') ?? '';
    const serve = (request: PageRequest) => {
      const at = pageOf(request);
      return { body: { data: [{ id: `p${at}` }] }, headers: { link: targets[at] ?? '' } };
    };
    expect(pull(stream({ page }), serve)).toEqual({
      requests: [
        { path: '/items', query: {} },
        { path: '/items', query: { page: '2', x: 'a b' } },
        { path: '/items', query: { page: '3' } },
        { path: '/items?page=4&tag=a&tag=b', query: {} },
      ],
      ids: ['p', 'p2', 'p3', 'p4'],
    });
  });

  test('pages with a token go on in a later run, numbered ones do not', () => {
    const resumable = (page: PageDefinition) => stream({ page }).resumable;
    expect(resumable({ type: 'cursor', parameter: 'c', next: 'n' })).toBe(true);
    expect(resumable({ type: 'link' })).toBe(true);
    expect(resumable({ type: 'offset', parameter: 'o' })).toBe(false);
    expect(resumable({ type: 'page', parameter: 'p' })).toBe(false);
    expect(resumable({ type: 'none' })).toBe(false);
  });
});

describe('pages that lead nowhere', () => {
  const cursor = { type: 'cursor', parameter: 'c', next: 'next' } as const;

  test('a token that is its own successor', () => {
    const serve = () => ({ body: { data: ROWS, next: 'same' } });
    expect(() => pull(stream({ page: cursor }), serve)).toThrow(broken('the next page is this page again'));
  });

  test('tokens that go round in a circle, whatever its length', () => {
    for (const length of [2, 3, 7, 12]) {
      let asked = 0;
      const serve = () => ({ body: { data: [{ id: asked }], next: `t${asked++ % length}` } });
      expect(() => pull(stream({ page: cursor }), serve)).toThrow(
        broken('the same page came twice: the pages go round in a circle'),
      );
    }
  });

  test('a server that does not know the page parameter', () => {
    for (const page of [
      { type: 'page', parameter: 'p' },
      { type: 'offset', parameter: 'o' },
    ] as const) {
      expect(() => pull(stream({ page }), () => ({ body: { data: ROWS } }))).toThrow(
        broken('the same page came twice: the pages go round in a circle'),
      );
    }
  });

  test('a next number that does not advance', () => {
    const page = { type: 'page', parameter: 'p', next: 'next' } as const;
    expect(() => pull(stream({ page }), () => ({ body: { data: ROWS, next: 1 } }))).toThrow(
      broken('next does not advance: 1 after 1'),
    );
  });

  test('a token that is neither text nor number', () => {
    expect(() => pull(stream({ page: cursor }), () => ({ body: { data: ROWS, next: { a: 1 } } }))).toThrow(
      broken('next is no page token'),
    );
  });

  for (const target of [
    'https://evil.example/v1/items?page=2',
    'http://api.acme.example/v1/items?page=2',
    'https://api.acme.example:444/v1/items',
    'https://api.acme.example/v2/items',
    'https://api.acme.example/v10/items',
    '//evil.example/v1/items',
    '../../admin',
  ]) {
    test(`a link to ${target}`, () => {
      const serve = () => ({ body: { data: ROWS }, headers: { link: `<${target}>; rel=next` } });
      expect(() => pull(stream({ page: { type: 'link' } }), serve)).toThrow(
        broken(`the next link leads away from ${BASE}`),
      );
    });
  }

  test('a link that is no URL', () => {
    const serve = () => ({ body: { data: ROWS }, headers: { link: '<http://[>; rel=next' } });
    expect(() => pull(stream({ page: { type: 'link' } }), serve)).toThrow(broken('the next link is no URL'));
  });

  for (const body of [undefined, {}, { data: {} }, { data: 'x' }, [], 'text']) {
    test(`an answer without the list: ${JSON.stringify(body)}`, () => {
      expect(() => pull(stream(), () => ({ body }))).toThrow(broken('no list at data'));
    });
  }

  test('an answer that should be the list itself', () => {
    expect(() => pull(stream({ items: '' }), () => ({ body: { data: [] } }))).toThrow(broken('no list in the answer'));
    expect(pull(stream({ items: '' }), () => ({ body: ROWS })).ids).toEqual(ALL);
  });
});

describe('rows', () => {
  const parse = (rows: unknown, definition: Partial<StreamDefinition> = {}) => {
    const of = stream({ id: 'key.id', updatedAt: 'at', deleted: 'gone', ...definition });
    const { request } = of.start(WINDOW);
    return of.parse({ request, window: WINDOW, body: { data: rows }, headers: {}, until: NOW });
  };

  test('id, time of change and deletion by dotted path', () => {
    const rows = [
      { key: { id: 'a' }, at: '2026-01-05T10:00:00Z', gone: false },
      { key: { id: 7 }, at: null, gone: '2026-01-05' },
      { key: { id: 'c' }, gone: true },
    ];
    expect(parse(rows)).toEqual({
      records: [
        { id: 'a', updatedAt: Date.UTC(2026, 0, 5, 10), deleted: false, data: rows[0] },
        { id: '7', deleted: true, data: rows[1] },
        { id: 'c', deleted: true, data: rows[2] },
      ],
      rejected: [],
    });
  });

  test('an empty list may be written as null', () => {
    expect(parse(null)).toEqual({ records: [], rejected: [] });
  });

  test('rows that cannot be read are set aside with the reason, the others stay', () => {
    const rows = [
      5,
      null,
      [],
      {},
      { key: { id: '' } },
      { key: { id: 2 ** 53 } },
      { key: { id: 'x' }, at: 'soon' },
      { key: { id: 'ok' } },
    ];
    const { records, rejected } = parse(rows);
    expect(records.map(({ id }) => id)).toEqual(['ok']);
    expect(rejected).toEqual([
      { reason: 'the row is no object', row: 5 },
      { reason: 'the row is no object', row: null },
      { reason: 'the row is no object', row: [] },
      { reason: 'there is no id at key.id', row: {} },
      { reason: 'there is no id at key.id', row: rows[4] },
      { reason: 'key.id is a number too large to be exact', row: rows[5] },
      { reason: 'at is no time', row: rows[6] },
    ]);
  });

  test('what counts as deleted', () => {
    const deleted = (gone: unknown) => parse([{ key: { id: 'a' }, gone }]).records[0]?.deleted;
    expect([true, 1, 'true', 'yes', '2026-01-05'].map(deleted)).toEqual([true, true, true, true, true]);
    expect([undefined, null, false, 0, '', '0', 'false'].map(deleted)).toEqual(Array(7).fill(false));
  });
});

describe('times of rows', () => {
  const noon = Date.UTC(2026, 0, 5, 12);
  const cases: readonly [unknown, number | undefined][] = [
    ['2026-01-05T12:00:00Z', noon],
    ['2026-01-05T13:00:00+01:00', noon],
    ['2026-01-05T13:00:00.123456789+0100', noon + 123],
    ['2026-01-05T12:00:00', noon],
    ['2026-01-05 12:00', noon],
    ['2026-01-05', Date.UTC(2026, 0, 5)],
    [noon, noon],
    [noon / 1000, noon],
    [noon / 1000 + 0.5, noon + 500],
    [String(noon), noon],
    [`${noon / 1000}.25`, noon + 250],
    ['05/01/2026', undefined],
    ['2026-13-45', undefined],
    ['tomorrow', undefined],
    [-1, undefined],
    [1e300, undefined],
    [true, undefined],
    [{}, undefined],
  ];
  for (const [value, ms] of cases) test(`${JSON.stringify(value)} is ${ms}`, () => expect(readTime(value)).toBe(ms));
});

describe('the Link header', () => {
  const cases: readonly [string | undefined, string | undefined][] = [
    [undefined, undefined],
    ['', undefined],
    ['<a>; rel=next', 'a'],
    ['<a>; rel="next"', 'a'],
    ['<a>;REL = "NEXT"', 'a'],
    ['<a>; rel="last", <b>; rel="prev next"', 'b'],
    ['<a,b;c>; title="x, <y>; rel=next"; rel=prev, <d>; rel=next', 'd'],
    ['<a>; title="say \\"next\\""; rel="next"', 'a'],
    ['<a>; rel=prev; rel=next', undefined],
    ['<a>; rev=next', undefined],
    ['<a>', undefined],
    ['<>; rel=next', ''],
    ['next', undefined],
  ];
  for (const [header, target] of cases) test(`${header}`, () => expect(nextLink(header)).toBe(target));

  test('a long header that nearly fits takes no long time', () => {
    expect(nextLink(`<a>${'; a="b'.repeat(20_000)}`)).toBe(undefined);
    expect(nextLink('<a>; rel '.repeat(20_000))).toBe(undefined);
    expect(nextLink(`${'<'.repeat(50_000)}`)).toBe(undefined);
  });
});
