import { join } from 'node:path';
import Driver from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { RecordView } from '../../src/providers/record-view.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { takeViewsDown } from '../../src/store/sqlite/record-views.ts';
import { NOW, samplePage, sampleRecord } from './sample-rows.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const ISO = new Date(NOW).toISOString();
const COLUMNS = { doc_number: 'DocNumber', customer: 'CustomerRef.name', first_line: 'Line.0.Amount' };
const INVOICE: RecordView = {
  name: 'quickbooks_invoice',
  provider: 'quickbooks',
  entity: 'invoices',
  columns: COLUMNS,
};

/** A store, and what a person's own client sees in its file. */
function opened() {
  const path = join(temporaryDirectory(), 'lwi.db');
  const store = openSqliteStore(path, { now: () => NOW });
  const driver = new Driver(path);
  driver.pragma('trusted_schema = OFF');
  onTestFinished(async () => {
    driver.close();
    await store.close();
  });
  const query = (sql: string) => driver.prepare(sql).all();
  const views = () => driver.prepare("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name").pluck().all();
  const version = () => driver.pragma('schema_version', { simple: true });
  return { store, driver, query, views, version };
}

const invoice = (id: string, change = {}) => ({
  ...{ Id: id, DocNumber: `D${id}`, CustomerRef: { value: '7', name: "O'Hare" }, Line: [{ Amount: 12.5 }], ...change },
});

test('a view gives the columns of its stream and the times as text, of live records of that stream alone', async () => {
  const { store, query } = opened();
  await store.keepViews('quickbooks', [INVOICE]);
  const data = invoice('1');
  await store.commitPage(
    samplePage([sampleRecord('1', { data }), sampleRecord('2', { data, deleted: true }), sampleRecord('3', { data })]),
  );
  await store.commitPage({ ...samplePage([]), records: [{ id: '3', data, deleted: 'absent' }] });
  await store.commitPage(samplePage([sampleRecord('4', { data })], { entity: 'bills' }));
  expect(query('SELECT * FROM quickbooks_invoice')).toEqual([
    {
      ...{ account: 'acme', company: '9341453421', id: '1' },
      ...{ doc_number: 'D1', customer: "O'Hare", first_line: 12.5 },
      ...{ updated_at: ISO, stored_at: ISO, data: JSON.stringify(data) },
    },
  ]);
  expect(query('SELECT sum(first_line) AS total FROM quickbooks_invoice')).toEqual([{ total: 12.5 }]);
});

test('rows without a time, with other data, or nested too deep for SQLite spoil no query', async () => {
  const { store, query } = opened();
  await store.keepViews('quickbooks', [INVOICE]);
  const deep = JSON.parse(`${'['.repeat(1500)}${']'.repeat(1500)}`) as unknown;
  const { updatedAt: _, ...untimed } = sampleRecord('1', { data: { Line: { 0: { Amount: 'by name' } } } });
  const odd = [
    sampleRecord('2', { data: { deep } }),
    sampleRecord('3', { data: 'text' }),
    sampleRecord('4', { data: null }),
  ];
  await store.commitPage(samplePage([untimed, ...odd]));
  expect(query('SELECT id, first_line, updated_at FROM quickbooks_invoice')).toEqual([
    { id: '1', first_line: 'by name', updated_at: null },
    ...['2', '3', '4'].map((id) => ({ id, first_line: null, updated_at: ISO })),
  ]);
});

test.each([
  `it's`,
  `a"b`,
  'back\\slash',
  '$[0]',
  `'); DROP TABLE records; --`,
  `" FROM secrets --`,
  '*/ x',
  '\0',
  'line\nend',
  'ü',
])('the path %j of a definition is a name, never part of the statement', async (name) => {
  const { store, query } = opened();
  await store.keepViews('acme', [{ name: 'acme_item', provider: 'acme', entity: 'items', columns: { value: name } }]);
  await store.commitPage(
    samplePage([sampleRecord('1', { data: { [name]: 7 } })], {
      target: { account: 'a', provider: 'acme', externalId: '' },
      entity: 'items',
    }),
  );
  expect(query('SELECT id, value FROM acme_item')).toEqual([{ id: '1', value: 7 }]);
});

test.each(['', '.', 'a..b', '.a', 'a.', '0', '99999999999'])('the path %j is one that a query bears', async (path) => {
  const { store, query } = opened();
  const view = { name: 'quickbooks_invoice', provider: 'quickbooks', entity: 'invoices', columns: { value: path } };
  await store.keepViews('quickbooks', [view]);
  await store.commitPage(samplePage([sampleRecord('1')]));
  expect(query('SELECT id FROM quickbooks_invoice WHERE value IS NULL OR value IS NOT NULL')).toEqual([{ id: '1' }]);
});

test('views are written when they change and only then; those of a stream that went are dropped', async () => {
  const { store, views, version, query } = opened();
  const bill = { ...INVOICE, name: 'quickbooks_bill', entity: 'bills' };
  const slack = { name: 'slack_user', provider: 'slack', entity: 'users', columns: {} };
  await store.keepViews('quickbooks', [INVOICE, bill]);
  await store.keepViews('slack', [slack]);
  const before = version();
  await store.keepViews('quickbooks', [INVOICE, bill]);
  expect(version()).toBe(before);
  await store.keepViews('quickbooks', [{ ...INVOICE, columns: { total: 'TotalAmt' } }]);
  expect(views()).toEqual(['quickbooks_invoice', 'slack_user']);
  await store.commitPage(samplePage([sampleRecord('1', { data: { TotalAmt: 3 } })]));
  expect(query('SELECT total FROM quickbooks_invoice')).toEqual([{ total: 3 }]);
  await store.keepViews('quickbooks', []);
  expect(views()).toEqual(['slack_user']);
});

test("what has the name already and is not lwi's for this provider stays as it is", async () => {
  const { store, driver, views, query } = opened();
  driver.exec("CREATE VIEW QuickBooks_Invoice AS SELECT 'mine' AS whose; CREATE VIEW quickbooks_mine AS SELECT 1");
  await store.keepViews('quickbooks', [INVOICE]);
  await store.keepViews('sync', [{ ...INVOICE, name: 'sync_runs', provider: 'sync' }]);
  const acme = { name: 'acme_tms_load', entity: 'tms-loads', columns: {} };
  await store.keepViews('acme', [{ ...acme, provider: 'acme' }]);
  await store.keepViews('acme-tms', [{ ...acme, provider: 'acme-tms', entity: 'loads' }]);
  await store.keepViews('quickbooks', []);
  expect(query('SELECT * FROM quickbooks_invoice')).toEqual([{ whose: 'mine' }]);
  expect(query('SELECT * FROM sync_runs')).toEqual([]);
  expect(views()).toEqual(['QuickBooks_Invoice', 'acme_tms_load', 'quickbooks_mine']);
  expect(query("SELECT sql FROM sqlite_schema WHERE name = 'acme_tms_load'")).toEqual([
    { sql: expect.stringContaining("provider = 'acme'") },
  ]);
});

test('two processes that make the same views at once both succeed', async () => {
  const { store, driver, views } = opened();
  const other = openSqliteStore(driver.name, { now: () => NOW });
  onTestFinished(() => other.close());
  await Promise.all([store.keepViews('quickbooks', [INVOICE]), other.keepViews('quickbooks', [INVOICE])]);
  expect(views()).toEqual(['quickbooks_invoice']);
});

test('a migration finds no view of lwi in its way, and a view that is still right is there again afterwards', async () => {
  const { store, driver, views } = opened();
  await store.keepViews('quickbooks', [INVOICE]);
  await store.keepViews('sync', [{ ...INVOICE, name: 'sync_note', provider: 'sync' }]);
  driver.exec("CREATE VIEW mine AS SELECT '/* made by lwi */' AS text");
  const putBack = takeViewsDown(driver);
  expect(views()).toEqual(['mine']);
  driver.exec('ALTER TABLE records RENAME TO older; CREATE TABLE records AS SELECT * FROM older; DROP TABLE older');
  driver.exec('CREATE TABLE sync_note (text)');
  putBack();
  expect(views()).toEqual(['mine', 'quickbooks_invoice']);
});

test('a view reads the keys of the table and only the rows that it has', async () => {
  const { store, query } = opened();
  await store.keepViews('quickbooks', [INVOICE]);
  const [step] = query('EXPLAIN QUERY PLAN SELECT * FROM quickbooks_invoice') as { detail: string }[];
  expect(step?.detail).toMatch(/^SEARCH records USING INDEX/);
  const [narrow] = query("EXPLAIN QUERY PLAN SELECT * FROM quickbooks_invoice WHERE account = 'a'") as {
    detail: string;
  }[];
  expect(narrow?.detail).toContain('account_id=? AND provider=?');
});
