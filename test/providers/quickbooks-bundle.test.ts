import { describe, expect, test } from 'vitest';
import { bundle } from '../../src/providers/quickbooks/bundle.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import type { BundlePart, SyncWindow } from '../../src/providers/stream.ts';
import { DAY_MS, NOW, read, streamNamed, windowFrom } from './support.ts';

const stream = (name: string) => streamNamed(quickbooks.streams, name);
const NAMES = ['invoices', 'customers', 'terms', 'classes'];
const starts = (window: SyncWindow, names = NAMES) => names.map((name) => stream(name).start(window));
const first = (window: SyncWindow, totals: readonly (number | undefined)[] = [], names = NAMES) =>
  starts(window, names).map(({ request }, at): BundlePart => ({ request, total: totals[at] }));
const row = (id: string) => ({ Id: id, MetaData: { LastUpdatedTime: '2026-01-05T09:00:00Z' } });

describe('change data of several entities', () => {
  const window = windowFrom(NOW - DAY_MS);

  test('is asked for in one call, whose answer is told apart', () => {
    const parts = first(window);
    const bundled = bundle(parts);
    expect(bundled).toMatchObject({
      request: { query: { entities: 'Invoice,Customer,Term,Class', changedSince: '2026-01-04T10:00:00Z' } },
      parts: [0, 1, 2, 3],
    });
    const groups = [
      { Customer: [row('58')], startPosition: 1 },
      {},
      { Invoice: [row('145'), { status: 'Deleted', ...row('7') }] },
      {},
    ];
    const split = bundled?.split({ CDCResponse: [{ QueryResponse: groups }], time: 'x' }) ?? [];
    const pages = split.map((own, at) => own && read(stream(NAMES[at] ?? ''), own.request, window, own.body));
    expect(pages.map((page) => page?.records.map(({ id, deleted }) => [id, deleted]))).toEqual([
      [
        ['145', false],
        ['7', true],
      ],
      [['58', false]],
      [],
      [],
    ]);
    expect(split.map((own) => own?.request)).toEqual(parts.map(({ request }) => request));
  });

  test('that may be cut short is asked for one by one', () => {
    const rows = Array.from({ length: 999 }, (_, id) => row(String(id)));
    const answer = { CDCResponse: [{ QueryResponse: [{ Invoice: rows }, { Term: [row('1')] }] }] };
    expect(bundle(first(window))?.split(answer)).toEqual([]);
  });

  test('of windows that begin far apart stays apart: the earliest would count for all', () => {
    const near = first(windowFrom(NOW - DAY_MS), [], ['invoices', 'customers']);
    const far = first(windowFrom(NOW - 20 * DAY_MS), [], ['terms']);
    expect(bundle([...far, ...near])?.parts).toEqual([1, 2]);
    expect(bundle([...far, ...first(window, [], ['invoices'])])).toBeUndefined();
  });
});

describe('queries of several entities', () => {
  const window = windowFrom();

  test('are counted in one batch', () => {
    const counts = starts(window).flatMap(({ count }): BundlePart[] => (count ? [{ request: count }] : []));
    const bundled = bundle(counts);
    expect(bundled?.request).toMatchObject({ method: 'POST', path: '/v3/company/9130000000000001/batch' });
    expect(JSON.parse(bundled?.request.body ?? '')).toEqual({
      BatchItemRequest: [
        { bId: '0', Query: 'select count(*) from Invoice' },
        { bId: '1', Query: 'select count(*) from Customer where Active IN (true, false)' },
        { bId: '2', Query: 'select count(*) from Term where Active IN (true, false)' },
        { bId: '3', Query: 'select count(*) from Class where Active IN (true, false)' },
      ],
    });
    const items = [
      { bId: '3', QueryResponse: { totalCount: 4 } },
      { bId: '0', QueryResponse: { totalCount: 5000 } },
      { bId: '1', Fault: { Error: [{ code: '4001' }] } },
    ];
    const split = bundled?.split({ BatchItemResponse: items }) ?? [];
    const totals = split.map((own, at) => own && read(stream(NAMES[at] ?? ''), own.request, window, own.body).total);
    expect(totals).toEqual([5000, undefined, undefined, 4]);
  });

  test('of small tables come in one batch, the large ones by themselves', () => {
    expect(bundle(first(window, [5000, 900, 4, 3]))?.parts).toEqual([3, 2, 1]);
    expect(bundle(first(window, [5000, 990, 4, 3, 3], [...NAMES, 'departments']))?.parts).toEqual([3, 4, 2]);
  });

  test.each([
    ['nobody counted', []],
    ['only two are small', [5000, 5000, 4, 3]],
  ])('are left alone when %s', (_, totals) => expect(bundle(first(window, totals))).toBeUndefined());

  test('never put more than thirty into a batch', () => {
    const many = Array.from({ length: 50 }, () => ({ request: stream('terms').start(window).count }));
    expect(bundle(many as BundlePart[])?.parts).toHaveLength(30);
    const small = Array.from(
      { length: 50 },
      (): BundlePart => ({ request: stream('terms').start(window).request, total: 0 }),
    );
    expect(bundle(small)?.parts).toHaveLength(30);
  });
});
