import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { raceChildren, startChild } from './child-process.ts';
import { KEY, NOW, sampleConnection, samplePage, sampleRecord, TARGET } from './sample-rows.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const newPath = () => join(temporaryDirectory(), 'lwi.db');

function open(path: string) {
  const store = openSqliteStore(path, { now: () => NOW });
  onTestFinished(() => store.close());
  return store;
}

test('processes that make the database at the same moment make one', async () => {
  // Several times: one that looks at it while another makes the schema was taken in by half of what it saw.
  for (let round = 0; round < 4; round++) {
    const path = newPath();
    const ids = await raceChildren(...Array.from({ length: 8 }, () => ['open', path]));
    expect(new Set(ids)).toEqual(new Set([await open(path).vaultId()]));
  }
});

test('of several processes one gets the lease, the others learn who', async () => {
  const path = newPath();
  const names = ['a', 'b', 'c', 'd'];
  const answers = await raceChildren(...names.map((name) => ['lease', path, name]));
  const winner = names[answers.indexOf(undefined)];
  expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
  const taken = { owner: winner, endsInMs: 60_000 };
  expect(answers.filter((answer) => answer !== undefined)).toEqual([taken, taken, taken]);
});

test('of several processes one makes the connection', async () => {
  const path = newPath();
  const names = ['a', 'b', 'c', 'd'];
  const answers = await raceChildren(...names.map((name) => ['put', path, name]));
  expect(answers.toSorted()).toEqual([false, false, false, true]);
  expect((await open(path).connection(KEY))?.id).toBe(names[answers.indexOf(true)]);
});

test('no replacement of a token is lost or done twice between processes', async () => {
  const path = newPath();
  await open(path).putConnection(sampleConnection(), undefined);
  expect(await raceChildren(['replace', path, 'a'], ['replace', path, 'b'])).toEqual(['done', 'done']);
  expect(await open(path).connection(KEY)).toMatchObject({ generation: 51, refreshCount: 50 });
});

test('processes share one bucket of permits: together they get what one would', async () => {
  const path = newPath();
  const taken = (await raceChildren(['permits', path], ['permits', path])) as number[];
  // Whoever is refused stays in the queue, where one that asks no more keeps a place for a moment.
  expect(taken.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(6);
  expect(Math.max(...taken)).toBeGreaterThanOrEqual(1);
});

test('a database that another process holds for too long is STORE_LOCKED, and can still be read', async () => {
  const path = newPath();
  const store = open(path);
  const holder = startChild('lock', path);
  expect(await holder.line()).toBe('ready');
  await expect(store.claimVaultKey('aaaa')).rejects.toMatchObject({
    code: 'STORE_LOCKED',
    message: `${path}: another process holds the database (SQLITE_BUSY)`,
  });
  expect(await store.vaultKeyId()).toBeUndefined();
  holder.go();
  expect(await holder.line()).toBe('done');
  expect(await store.claimVaultKey('aaaa')).toBe('aaaa');
});

test('a process killed in the middle of a page leaves nothing of it; the page can be committed again', async () => {
  const path = newPath();
  await open(path).commitPage(samplePage([sampleRecord('before')]));
  const child = startChild('commit', path);
  await child.line();
  child.go();
  while (statSync(`${path}-wal`).size < 20_000_000) await setImmediate();
  child.process.kill('SIGKILL');
  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });

  expect(await open(path).syncSummary(TARGET)).toEqual({ records: 1 });
  expect(await open(path).cursor(TARGET, 'invoices')).toEqual({ watermark: NOW, updatedAt: NOW });

  const [counts] = await raceChildren(['commit', path]);
  expect(counts).toEqual({ upserted: 80_000, unchanged: 0, deleted: 0 });
  expect(await open(path).syncSummary(TARGET)).toEqual({ records: 80_001 });
  expect(await open(path).cursor(TARGET, 'invoices')).toEqual({ watermark: NOW + 1, updatedAt: NOW });
});
