import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Driver from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { SEALED_TABLES } from '../../src/store/sealed-tables.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { envelope, NEW, OLD, sealedToken } from './contract-reseal.ts';
import { KEY, NOW, sampleConnection } from './sample-rows.ts';
import { temporaryDirectory } from './temporary-directory.ts';

function open() {
  const path = join(temporaryDirectory(), 'lwi.db');
  const store = openSqliteStore(path, { now: () => NOW });
  onTestFinished(() => store.close());
  return { path, store };
}

const toNew = (sealed: Uint8Array) => envelope(NEW, Buffer.from(sealed.subarray(9)).toString());

/** How often the id of the old key stands in the files of the database as bytes, which it does in ciphertexts only. */
function traces(path: string): number {
  const all = Buffer.concat(['', '-wal'].map((end) => readFileSync(path + end)));
  return all.toString('latin1').split(Buffer.from(OLD, 'hex').toString('latin1')).length - 1;
}

test('every column with ciphertexts is sealed anew', () => {
  const { path } = open();
  const driver = new Driver(path, { readonly: true });
  onTestFinished(() => {
    driver.close();
  });
  const columns = driver
    .prepare(
      "SELECT t.name || '.' || c.name FROM pragma_table_list t, pragma_table_info(t.name) c WHERE c.name LIKE '%encrypted%'",
    )
    .pluck()
    .all();
  const known = SEALED_TABLES.flatMap(({ table, columns }) => Object.keys(columns).map((name) => `${table}.${name}`));
  expect(columns.toSorted()).toEqual(known.toSorted());
});

test('nothing that the old key sealed stays in the file or its log, not even what was replaced or deleted long before', async () => {
  const { path, store } = open();
  await store.claimVaultKey(OLD);
  // Long tokens overflow onto pages of their own, which are free after a replacement or a deletion.
  const filler = 'x'.repeat(9000);
  for (let count = 0; count < 40; count++) {
    const token = sealedToken(OLD, `${count}-${filler.slice(0, (count % 4) * 3000)}`);
    await store.putConnection(
      sampleConnection({ id: `c${count}`, account: `a${count}`, token, client: undefined }),
      undefined,
    );
    await store.putSecret(
      { ...KEY, name: `s${count}` },
      { sealed: envelope(OLD, filler), fingerprint: '', updatedAt: 0 },
    );
  }
  for (let count = 0; count < 40; count++) {
    const key = { account: `a${count}`, provider: KEY.provider };
    await store.replaceToken(key, { token: sealedToken(OLD, 'short'), at: NOW }, 1);
    if (count % 2 === 0) await store.deleteConnection(key, 2);
    if (count % 3 === 0) await store.removeSecret({ ...KEY, name: `s${count}` });
  }
  expect(traces(path)).toBeGreaterThan(200);
  await store.noteVaultKey(NEW, 'made');
  expect(await store.reseal(OLD, NEW, toNew)).toEqual({ count: 20 * 3 + 26, erased: true });
  expect(traces(path)).toBe(0);
  expect(await store.connections()).toHaveLength(20);
  // A second time, in the same process.
  await store.noteVaultKey(OLD, 'made');
  await store.reseal(NEW, OLD, (sealed) => envelope(OLD, Buffer.from(sealed.subarray(9)).toString()));
  await store.noteVaultKey(NEW, 'made');
  await store.reseal(OLD, NEW, toNew);
  expect(traces(path)).toBe(0);
});

test('a reader that holds the log is told of, and the change is done all the same', async () => {
  const { path, store } = open();
  await store.claimVaultKey(OLD);
  await store.putSecret({ ...KEY, name: 's' }, { sealed: envelope(OLD, 'x'), fingerprint: '', updatedAt: 0 });
  await store.noteVaultKey(NEW, 'made');
  const reader = new Driver(path, { readonly: true });
  onTestFinished(() => {
    reader.close();
  });
  reader.exec('BEGIN; SELECT count(*) FROM meta');
  reader.prepare('SELECT count(*) FROM meta').get();
  expect(await store.reseal(OLD, NEW, toNew)).toEqual({
    count: 1,
    erased: false,
    left: 'Another process reads the database: the old ciphertexts stay in its log until it has ended.',
  });
  expect(await store.vaultKeyId()).toBe(NEW);
});
