import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dottedValue } from '../../src/dotted-path.ts';
import { isLwiError } from '../../src/errors.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { RecordRange, StreamRecord } from '../../src/providers/stream.ts';
import { mockSource } from './mock-source.ts';
import { rowsIn, samplesOf } from './sample.ts';
import { DAY_MS, NOW, windowFrom } from './support.ts';

/** Columns that every view and every export has beside those of the stream. */
const TAKEN = ['account', 'company', 'id', 'updated_at', 'stored_at', 'deleted', 'data'];

/**
 * Members that Intuit's entities may have (singer-io/tap-quickbooks `tap_quickbooks/schemas`) and that neither the mock nor the public samples show in each of
 * them. What is here by mistake shows when somebody looks for it: a path in another provider, or a new one, is not excused.
 */
const RARE: ReadonlySet<string> = new Set([
  ...['ExchangeRate', 'DepartmentRef.name', 'ShipDate', 'TrackingNum', 'SalesTermRef.name', 'TermRef.name', 'Sku'],
  ...['AcctNum', 'ExpirationDate', 'AcceptedDate', 'BillEmail.Address', 'CustomerMemo.value', 'PrivateNote', 'Balance'],
  ...['PaymentRefNum', 'DueDate', 'PrimaryEmailAddr.Address', 'HiredDate', 'ReleasedDate', 'ParentRef.value'],
  ...['TaxRegistrationNumber', 'LastFileDate', 'VendorRef.name', 'VendorRef.value'],
]);

/** SQLite compares text by its UTF-8 bytes. */
const bytewise = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

const inRange = ({ scope, from = '', to }: RecordRange, record: Pick<StreamRecord, 'id' | 'scope'>) =>
  (scope === undefined || scope === record.scope) &&
  bytewise(record.id, from) >= 0 &&
  (to === undefined || bytewise(record.id, to) <= 0);

/** What every stream owes to the engine, as it shows against the mock of its provider. */
export function describeStreams(provider: Provider): void {
  const streams = provider.streams.map((stream) => [stream.name, stream] as const);

  describe(`the streams of ${provider.id}`, () => {
    test.each(streams)('%s names columns that a view can have', (_name, { columns }) => {
      for (const [name, path] of Object.entries(columns)) {
        expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
        expect(path).toMatch(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/);
        expect(TAKEN).not.toContain(name);
      }
    });

    test.each(streams)('%s names no later bound than now', (_name, stream) => {
      for (const since of [undefined, NOW - DAY_MS]) {
        const { until } = stream.start(windowFrom(since));
        expect(until === undefined || (until <= NOW && until > NOW - 1000)).toBe(true);
      }
    });

    test.each(streams)('%s reads any answer to a lookup or calls it a bad response', (_name, stream) => {
      const window = windowFrom();
      for (const id of ['1', 'C1:1767607199.000100', '', ':', '\u0000', '__proto__']) {
        const request = stream.lookup?.(id, window);
        if (request === undefined) return;
        expect(JSON.parse(JSON.stringify(request))).toEqual(request);
        expect(request.path).toMatch(/^\/[^?#]*$/);
        fc.assert(
          fc.property(fc.jsonValue(), (body) => {
            try {
              const page = stream.parse({ request, window, body, headers: {}, until: NOW });
              expect([page.records, page.next, page.complete ?? []]).toEqual([[], undefined, []]);
            } catch (error) {
              if (!isLwiError(error, 'BAD_RESPONSE')) throw error;
            }
          }),
          { numRuns: 20 },
        );
      }
    });

    if (!provider.environments.mock) return;

    test.each(streams)(
      '%s reads the mock twice alike, each record under one id, to its columns',
      async (_name, stream) => {
        const source = await mockSource(provider);
        const first = await source.read(stream);
        const again = await source.read(stream);
        expect(first.ids.length).toBeGreaterThan(0);
        expect(again.pages).toEqual(first.pages);
        expect(first.pages.flatMap(({ rejected }) => rejected)).toEqual([]);
        // A row that comes twice (the first message of a thread) is the same record.
        const records = first.pages.flatMap((page) => page.records);
        const byId = new Map(records.map((record) => [record.id, record]));
        for (const record of records) expect(record).toEqual(byId.get(record.id));
        const shown = samplesOf(provider).filter(({ entity }) => entity === stream.name);
        const data = [...records.map((record) => record.data), ...shown.flatMap(rowsIn)];
        const missing = Object.values(stream.columns).filter(
          (path) => !RARE.has(path) && data.every((row) => dottedValue(row, path) === undefined),
        );
        expect(missing).toEqual([]);
      },
    );

    test.each(streams)('%s counts all rows of all pages, where it counts', async (_name, stream) => {
      const source = await mockSource(provider, { records: 1100 });
      const { pages, ids } = await source.read(stream);
      const totals = new Set(pages.flatMap(({ total }) => total ?? []));
      expect([...totals]).toEqual(totals.size === 0 ? [] : [new Set(ids).size]);
    });

    test.each(streams)('%s calls only ranges complete in which it has read everything', async (_name, stream) => {
      const source = await mockSource(provider);
      const all = await source.read(stream);
      const known = new Map(all.pages.flatMap(({ records }) => records).map((record) => [record.id, record]));
      for (const since of [undefined, source.clock.now() - 30 * DAY_MS]) {
        const { pages } = await source.read(stream, since);
        const ranges = pages.flatMap(({ complete }) => complete ?? []);
        if (stream.absence !== 'pages') expect(ranges).toEqual([]);
        else expect(ranges.length).toBeGreaterThan(0);
        const seen = new Set<string>();
        for (const { records, complete = [] } of pages) {
          for (const { id } of records) seen.add(id);
          const missed = [...known.values()].filter(
            (record) => !seen.has(record.id) && complete.some((range) => inRange(range, record)),
          );
          expect(missed).toEqual([]);
        }
      }
    });

    test.each(streams.filter(([, { lookup }]) => lookup))(
      '%s looks a record up as its lists have it, and finds no other',
      async (_name, stream) => {
        const source = await mockSource(provider);
        const { pages } = await source.read(stream);
        const records = pages.flatMap((page) => page.records);
        for (const record of [records[0], records[Math.floor(records.length / 2)], records.at(-1)]) {
          const found = await source.lookup(stream, record?.id ?? '');
          expect(found?.records.find(({ id }) => id === record?.id)).toEqual(record);
        }
      },
    );
  });
}
