import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { KEY, NOW, samplePage, sampleRecord } from './sample-rows.ts';
import { temporaryDirectory } from './temporary-directory.ts';

test('of a large database an examination reads what nothing works without, and leaves the records alone', async () => {
  const path = join(temporaryDirectory(), 'lwi.db');
  const open = () => {
    const store = openSqliteStore(path, { now: () => NOW });
    onTestFinished(() => store.close());
    return store;
  };
  const store = open();
  await store.commitPage(samplePage([sampleRecord('needle-0001')]));
  const sealed = { sealed: new Uint8Array(40), fingerprint: 'needle-fingerprint', updatedAt: NOW };
  await store.putSecret({ ...KEY, name: 'webhook-secret' }, sealed);
  await store.close();
  const damage = (needle: string) => {
    const file = readFileSync(path);
    const at = file.indexOf(needle);
    // The page that holds it, from its head on.
    file.fill(0x41, Math.floor(at / 8192) * 8192, at + needle.length);
    writeFileSync(path, file);
  };
  const sound = async (most?: number) => {
    const { problems } = await open()
      .examine(most)
      .catch(() => ({ problems: ['it cannot be read'] }));
    return problems.length === 0;
  };
  damage('needle-0001');
  expect([await sound(), await sound(0)]).toEqual([false, true]);
  damage('needle-fingerprint');
  expect(await sound(0)).toBe(false);
});
