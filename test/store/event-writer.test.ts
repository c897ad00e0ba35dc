import { join } from 'node:path';
import Driver from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { sampleEvent } from './contract-inbox.ts';
import { KEY, NOW } from './sample-rows.ts';
import { temporaryDirectory } from './temporary-directory.ts';

function opened() {
  const path = join(temporaryDirectory(), 'lwi.db');
  const store = openSqliteStore(path, { now: () => NOW });
  onTestFinished(() => store.close());
  return { path, store, writer: store.eventWriter() };
}

/** Holds the write lock as another process would. */
function lock(path: string): () => void {
  const driver = new Driver(path);
  driver.exec('BEGIN IMMEDIATE');
  const unlock = () => void driver.close();
  onTestFinished(unlock);
  return unlock;
}

test('what the thread stores is what the store itself would have stored', async () => {
  const { store, writer } = opened();
  const events = ['own', 'thread'].map((account, at) =>
    sampleEvent('one', { account, body: Uint8Array.from([0, 255, at]), forwardTo: ['http://127.0.0.1:1/'] }),
  );
  const more = ['own', 'thread'].map((account) => sampleEvent('two', { account, failed: 'nobody is there' }));
  const kept = ['own', 'thread'].map((account) =>
    sampleEvent('three', { account, kept: true, body: new Uint8Array() }),
  );
  expect(await store.acceptEvents([events[0], more[0], kept[0]].filter((each) => each !== undefined))).toEqual(
    Array(3).fill('new'),
  );
  const batch = [events[1], more[1], events[1], kept[1]].filter((each) => each !== undefined);
  expect(await writer.acceptEvents(batch)).toEqual(['new', 'new', 'duplicate', 'new']);
  const [own, thread] = await Promise.all(
    ['own', 'thread'].map((account) => store.dueEvents({ ...KEY, account }, NOW, 10)),
  );
  expect(thread).toHaveLength(1);
  expect(thread?.[0]?.body).toEqual(Uint8Array.from([0, 255, 1]));
  expect(thread?.[0]).toEqual({ ...own?.[0], account: 'thread', event: thread?.[0]?.event, body: thread?.[0]?.body });
  expect(await store.inboxCounts()).toMatchObject(
    ['own', 'thread'].map((account) => ({ account, received: 1, failed: 1 })),
  );
});

test('batches that are given at once are stored in their order', async () => {
  const { writer } = opened();
  const results = await Promise.all(['a', 'b', 'a', 'c'].map((key) => writer.acceptEvents([sampleEvent(key)])));
  expect(results).toEqual([['new'], ['new'], ['duplicate'], ['new']]);
});

test('while another process writes, the thread gives up after a second, and this one goes on; then all is well', async () => {
  const { path, store, writer } = opened();
  await writer.acceptEvents([sampleEvent('before')]);
  const unlock = lock(path);
  let turns = 0;
  const count = setInterval(() => (turns += 1), 10);
  onTestFinished(() => clearInterval(count));
  const own = store.acceptEvents([sampleEvent('own')]);
  await expect(writer.acceptEvents([sampleEvent('during')])).rejects.toMatchObject({
    code: 'STORE_LOCKED',
    message: expect.stringContaining(path),
  });
  expect(turns).toBeGreaterThan(20);
  unlock();
  expect(await own).toEqual(['new']);
  expect(await writer.acceptEvents([sampleEvent('during'), sampleEvent('before')])).toEqual(['new', 'duplicate']);
});

test('closing the store waits for what is being stored', async () => {
  const { path, store, writer } = opened();
  const stored = writer.acceptEvents([sampleEvent('one')]);
  await store.close();
  expect(await stored).toEqual(['new']);
  const again = openSqliteStore(path, { now: () => NOW });
  onTestFinished(() => again.close());
  expect(await again.acceptEvents([sampleEvent('one')])).toEqual(['duplicate']);
});
