import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { RecordView } from '../../../src/providers/record-view.ts';
import type { PostgresDatabase } from '../../../src/store/postgres/database.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { freshDatabase, needsPostgres, onDatabase, POSTGRES } from '../../support/postgres.ts';
import { NOW, samplePage, sampleRecord } from '../sample-rows.ts';

const ISO = new Date(NOW).toISOString();
const COLUMNS = { doc_number: 'DocNumber', customer: 'CustomerRef.name', first_line: 'Line.0.Amount' };
const INVOICE: RecordView = {
  ...{ name: 'quickbooks_invoice', provider: 'quickbooks', entity: 'invoices', columns: COLUMNS },
};

/** A store, and what a person's own client sees in its database. */
async function opened() {
  const { url } = await freshDatabase();
  const open = async (at = url) => {
    const store = await openPostgresStore(at, 'test', { now: () => NOW, databaseNow: () => NOW });
    onTestFinished(() => store.close());
    return store;
  };
  const on = <T>(work: (db: PostgresDatabase) => Promise<T>) => onDatabase(url, work);
  const query = (sql: string) => on((db) => db.rows<object>(sql));
  const script = (sql: string) => on((db) => db.script(sql));
  const views = async () => {
    const sql =
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'lwi_views'::regnamespace AND relkind = 'v' ORDER BY 1";
    return (await on((db) => db.rows<{ name: string }>(sql))).map(({ name }) => name);
  };
  return { url, open, store: await open(), query, script, views };
}

const invoice = (id: string) => ({
  ...{ Id: id, DocNumber: `D${id}`, CustomerRef: { value: '7', name: "O'Hare" }, Line: [{ Amount: 12.5 }] },
});

describe('views over the records in PostgreSQL', () => {
  beforeEach(needsPostgres);

  test('a view gives the columns of its stream as text, of live records of that stream alone', async () => {
    const { store, query } = await opened();
    await store.keepViews('quickbooks', [INVOICE]);
    const data = invoice('1');
    const more = [sampleRecord('2', { data, deleted: true }), sampleRecord('3', { data })];
    await store.commitPage(samplePage([sampleRecord('1', { data }), ...more]));
    await store.commitPage({ ...samplePage([]), records: [{ id: '3', data, deleted: 'absent' }] });
    await store.commitPage(samplePage([sampleRecord('4', { data })], { entity: 'bills' }));
    expect(await query('SELECT * FROM lwi_views.quickbooks_invoice')).toEqual([
      {
        ...{ account: 'acme', company: '9341453421', id: '1' },
        ...{ doc_number: 'D1', customer: "O'Hare", first_line: '12.5' },
        ...{ updated_at: ISO, stored_at: ISO, data: JSON.stringify(data) },
      },
    ]);
    expect(await query('SELECT sum(first_line::numeric)::float8 AS total FROM lwi_views.quickbooks_invoice')).toEqual([
      { total: 12.5 },
    ]);
  });

  test('what jsonb cannot hold spoils no query: NULs, halves of surrogate pairs, data nested too deep', async () => {
    const { store, query } = await opened();
    await store.keepViews('quickbooks', [INVOICE]);
    const nested = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as unknown;
    const { updatedAt: _, ...untimed } = sampleRecord('1', { data: { Line: { 0: { Amount: 'by name' } } } });
    const odd = [
      { DocNumber: 'a\0b' },
      { DocNumber: '\ud800' },
      { deep: nested(3000) },
      { deep: nested(1980) },
      'text',
      null,
    ];
    const escaped = sampleRecord('9', { data: { DocNumber: 'new\nline \\u0000', Line: [{ Amount: 'é\u0001' }] } });
    const records = odd.map((data, at) => sampleRecord(String(at + 2), { data }));
    await store.commitPage(samplePage([untimed, ...records, escaped]));
    expect(await query('SELECT id, first_line, updated_at FROM lwi_views.quickbooks_invoice ORDER BY id')).toEqual([
      { id: '1', first_line: 'by name', updated_at: null },
      ...odd.map((_, at) => ({ id: String(at + 2), first_line: null, updated_at: ISO })),
      { id: '9', first_line: 'é\u0001', updated_at: ISO },
    ]);
  });

  test('the path of a definition is a name, never part of the statement', async () => {
    const { store, query } = await opened();
    const names = [
      ...["it's", 'a"b', 'back\\slash', '$[0]', "'); DROP TABLE records; --", '" FROM secrets --', '*/ x', 'line\nend'],
      ...['{a,b}', 'ü', "\\'; --", '$$', '1', '-1'],
    ];
    const columns = Object.fromEntries(names.map((name, at) => [`column_${at}`, name]));
    await store.keepViews('acme', [{ name: 'acme_item', provider: 'acme', entity: 'items', columns }]);
    const target = { account: 'a', provider: 'acme', externalId: '' };
    const data = Object.fromEntries(names.map((name, at) => [name, at]));
    await store.commitPage(samplePage([sampleRecord('1', { data })], { target, entity: 'items' }));
    expect(await query('SELECT * FROM lwi_views.acme_item')).toEqual([
      expect.objectContaining(Object.fromEntries(names.map((_, at) => [`column_${at}`, String(at)]))),
    ]);
  });

  test('paths that lead nowhere, and names of any length, are borne', async () => {
    const { store, query, views } = await opened();
    const paths = ['', '.', 'a..b', '.a', 'a.', '0', '99999999999', '\0', '\ud800'];
    const columns = Object.fromEntries(paths.map((path, at) => [`column_${at}`, path]));
    const long = 'quickbooks_'.padEnd(70, 'x');
    const view = { ...INVOICE, columns };
    await store.keepViews('quickbooks', [view, { ...view, name: `${long}_1` }, { ...view, name: `${long}_2` }]);
    await store.commitPage(samplePage([sampleRecord('1')]));
    expect(
      await query('SELECT count(column_0) AS all, count(column_5) AS none FROM lwi_views.quickbooks_invoice'),
    ).toEqual([{ all: 1, none: 0 }]);
    expect(new Set((await views()).map(({ length }) => length))).toEqual(new Set([18, 63]));
    expect(await views()).toHaveLength(3);
    expect(await store.keepViews('quickbooks', [view])).toBeUndefined();
    expect(await views()).toEqual(['quickbooks_invoice']);
  });

  test('views are written when they change and only then, two processes at once; those of a stream that went are dropped', async () => {
    const { open, store, views, query } = await opened();
    const bill = { ...INVOICE, name: 'quickbooks_bill', entity: 'bills' };
    const slack = { name: 'slack_user', provider: 'slack', entity: 'users', columns: {} };
    const other = await open();
    const both = [store, other].map((each) => each.keepViews('quickbooks', [INVOICE, bill]));
    expect(await Promise.all(both)).toEqual([undefined, undefined]);
    await store.keepViews('slack', [slack]);
    const oids = () => query("SELECT 'lwi_views.quickbooks_invoice'::regclass::oid::int AS oid");
    const before = await oids();
    await store.keepViews('quickbooks', [INVOICE, bill]);
    expect(await oids()).toEqual(before);
    await store.keepViews('quickbooks', [{ ...INVOICE, columns: { total: 'TotalAmt' } }]);
    expect(await oids()).not.toEqual(before);
    expect(await views()).toEqual(['quickbooks_invoice', 'slack_user']);
    await store.keepViews('quickbooks', []);
    expect(await views()).toEqual(['slack_user']);
  });

  test("what has the name already and is not lwi's for this provider stays as it is", async () => {
    const { store, script, views, query } = await opened();
    await script(
      "CREATE VIEW lwi_views.quickbooks_invoice AS SELECT 'mine' AS whose; CREATE TABLE lwi_views.acme_item ()",
    );
    await store.keepViews('quickbooks', [INVOICE]);
    const acme = { ...{ name: 'acme_tms_load', entity: 'tms-loads', columns: {} } };
    await store.keepViews('acme', [
      { ...acme, provider: 'acme' },
      { ...acme, provider: 'acme', name: 'acme_item' },
    ]);
    await store.keepViews('acme-tms', [{ ...acme, provider: 'acme-tms', entity: 'loads' }]);
    await store.keepViews('quickbooks', []);
    expect(await query('SELECT * FROM lwi_views.quickbooks_invoice')).toEqual([{ whose: 'mine' }]);
    expect(await views()).toEqual(['acme_tms_load', 'quickbooks_invoice']);
    expect(await query("SELECT pg_get_viewdef('lwi_views.acme_tms_load') AS sql")).toEqual([
      { sql: expect.stringContaining("'acme'::text") },
    ]);
  });

  test('where the role may make none, or somebody built upon one, it is said once and everything else works', async () => {
    const { url, open, store, script, views } = await opened();
    await script(`CREATE ROLE ${new URL(url).pathname.slice(1)} LOGIN;
      GRANT USAGE ON SCHEMA lwi, lwi_views TO PUBLIC; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA lwi TO PUBLIC`);
    const name = new URL(url).pathname.slice(1);
    onTestFinished(() => onDatabase(`${POSTGRES}postgres`, (db) => db.script(`DROP ROLE ${name}`)));
    const poor = await open(url.replace('//postgres@', `//${name}@`));
    expect(await poor.keepViews('quickbooks', [INVOICE])).toContain('permission denied for schema lwi_views');
    expect(await poor.keepViews('quickbooks', [INVOICE])).toBeUndefined();
    expect(await poor.commitPage(samplePage([sampleRecord('1')]))).toMatchObject({ upserted: 1 });
    await store.keepViews('quickbooks', [INVOICE]);
    await script('CREATE VIEW mine AS SELECT doc_number FROM lwi_views.quickbooks_invoice');
    expect(await store.keepViews('quickbooks', [])).toContain('cannot drop view lwi_views.quickbooks_invoice');
    expect(await views()).toEqual(['quickbooks_invoice']);
  });
});
