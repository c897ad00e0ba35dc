import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectionName } from '../../../src/connection.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import type { Store } from '../../../src/store/store.ts';
import type { SyncHold } from '../../../src/store/sync-tables.ts';
import { freshDatabase, needsPostgres, onDatabase } from '../../support/postgres.ts';
import { KEY, NOW, sampleConnection, samplePage, sampleRecord, TARGET } from '../sample-rows.ts';

const LIST = { ...TARGET, entity: 'invoices' };

async function opened(url: string): Promise<Store> {
  const store = await openPostgresStore(url, 'test', { now: () => NOW, databaseNow: () => NOW });
  onTestFinished(() => store.close());
  return store;
}

async function held(store: Store, owner = 'one@here'): Promise<SyncHold> {
  const hold = await store.holdSync(TARGET, owner, NOW);
  if (!('release' in hold)) throw new Error(`${hold.owner} has it`);
  return hold;
}

const run = (store: Store) => store.startRun(TARGET, { kind: 'sync', owner: 'one@here', startedAt: NOW });

/** What the runs say that they did. */
const runs = (url: string) =>
  onDatabase(url, (db) =>
    db.rows<object>('SELECT pages, upserted, unchanged, deleted, rejected FROM sync_runs ORDER BY run'),
  );

async function ids(store: Store): Promise<string[]> {
  const read: string[] = [];
  for await (const { id } of store.records(LIST)) read.push(id);
  return read;
}

/** A way to the server at `url` that can be cut once something was sent that holds a text: the server gets it, its answer gets nowhere. */
async function wayTo(url: string) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let fatal: string | undefined;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    sockets.add(near).add(far);
    far.pipe(near);
    near.on('data', (bytes) => {
      far.write(bytes);
      if (fatal === undefined || !bytes.includes(fatal)) return;
      fatal = undefined;
      far.unpipe(near);
      // Not before the server has done it.
      far.once('data', () => near.destroy()).resume();
    });
    near.on('close', () => far.end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    cut();
    server.close();
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const way = new URL(url);
  way.port = String((server.address() as AddressInfo).port);
  return {
    url: way.href,
    cutAfter: (text: string) => {
      fatal = text;
    },
    cut,
    /** Nobody is let in until what this gives is called. */
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
      return () => void server.listen(Number(way.port), '127.0.0.1');
    },
  };
}

describe('syncs on PostgreSQL', () => {
  beforeEach(needsPostgres);

  test('ids with NULs, control characters and halves of surrogate pairs stay what they are, apart and in order', async () => {
    const store = await opened((await freshDatabase()).url);
    const odd = [
      '',
      '\0',
      '\0\0',
      '\0a',
      '\u0001',
      '\u0001\u0001',
      '\u0001\u0003d800',
      '\u0002',
      '\u001e',
      'a',
      'a\0',
      '"',
      '\\',
      '{}',
    ];
    const halves = ['\ud800', '\udfff', '\ufffd', '😀'];
    const all = [...odd, ...halves].map((id) => sampleRecord(id, { scope: id }));
    expect(await store.commitPage(samplePage(all, { seen: true }))).toMatchObject({ upserted: all.length });
    const read = await ids(store);
    expect(read.filter((id) => odd.includes(id))).toEqual(odd.filter((id) => id !== '').sort());
    expect(new Set(read)).toEqual(new Set([...odd, ...halves].filter((id) => id !== '')));
    expect(await store.record(LIST, '\ud800')).toMatchObject({ id: '\ud800', data: '{"id":"\\ud800","amount":1}' });
    await store.forgetSeen(TARGET, 'invoices');
    const ask = { range: { scope: '\0a', from: '\0', to: '\0b' }, before: NOW + 1, limit: 100 };
    expect(await store.unseen(TARGET, 'invoices', ask)).toEqual(['\0a']);
    const rejected = [{ reason: 'a NUL: \0', row: '\0' }];
    const target = { ...TARGET, externalId: 'T\0' };
    await store.commitPage(samplePage([sampleRecord('1')], { target, rejected }));
    expect((await store.recordLists()).map(({ externalId }) => externalId)).toEqual([TARGET.externalId, 'T\0']);
  });

  test('the longest ids that a page may bring fit into the keys; what is longer is refused in words, and scopes may hold a NUL', async () => {
    const store = await opened((await freshDatabase()).url);
    const random = (length: number) => randomBytes(length).toString('base64').slice(0, length);
    const target = { ...TARGET, account: random(64), externalId: random(255) };
    const longest = sampleRecord(random(1024), { scope: random(512) });
    expect(await store.commitPage(samplePage([longest], { target, seen: true }))).toMatchObject({ upserted: 1 });
    const refused = store.commitPage(samplePage([sampleRecord(random(4000))]));
    await expect(refused).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    const token = { ...sampleConnection().token, scopes: ['read\0', 'write'] };
    expect(await store.putConnection({ ...sampleConnection(), token }, undefined)).toBe(true);
    expect((await store.connection(KEY))?.token.scopes).toEqual(['read\ufffd', 'write']);
  });

  test('a page that has a record twice does what each of them says, in their order', async () => {
    const store = await opened((await freshDatabase()).url);
    const twice = [
      sampleRecord('1', { data: 'first' }),
      sampleRecord('2'),
      sampleRecord('1', { data: 'second' }),
      sampleRecord('1', { deleted: true }),
      sampleRecord('2'),
    ];
    const rejected = ['no id', 'no time'].map((reason) => ({ reason, row: { name: 'x' } }));
    expect(await store.commitPage(samplePage(twice, { rejected, seen: true }))).toEqual({
      ...{ upserted: 3, unchanged: 1, deleted: 1 },
    });
    expect(await store.record(LIST, '1')).toMatchObject({ deleted: true, data: '"second"' });
    expect(await store.recordCounts(LIST)).toEqual({ live: 1, deleted: 1, setAside: 1, newest: NOW });
  });

  test('pages with the same records, from many at once, never fail for each other', async () => {
    const { url } = await freshDatabase();
    const stores = await Promise.all([opened(url), opened(url), opened(url)]);
    const page = (from: number) => Array.from({ length: 300 }, (_, at) => sampleRecord(String((at * 7 + from) % 300)));
    const counts = await Promise.all(
      [0, 100, 200, 50, 150, 250].map((from, at) => stores[at % 3]?.commitPage(samplePage(page(from)))),
    );
    expect(counts.reduce((sum, each) => sum + (each?.upserted ?? 0), 0)).toBe(300);
  });

  test('who has lost the right to another process moves nothing, and buries nothing', async () => {
    const { url } = await freshDatabase();
    const way = await wayTo(url);
    const [one, two] = [await opened(way.url), await opened(url)];
    const lost = await held(one);
    const number = await run(one);
    await one.commitPage(samplePage([sampleRecord('1')], { run: number, at: NOW - 1 }));
    const flights = JSON.stringify([
      ...['one@here', 'two@there', 'one@here'].map((owner, at) => [at, NOW, NOW + 9, owner]),
    ]);
    const bucket = 'INSERT INTO throttle_buckets (scope, rule, permits, per_ms, burst, concurrency, flights) VALUES ';
    const left = async () =>
      onDatabase(url, (db) => db.rows('SELECT scope, flights FROM throttle_buckets ORDER BY scope'));
    const scopes = ['zzz', connectionName(TARGET)];
    for (const scope of scopes) {
      await onDatabase(url, (db) => db.run(`${bucket} ($1, 'r', 1, 1, 1, 1, $2)`, [scope, flights]));
    }
    way.cut();
    const taken = await until(async () => {
      const hold = await two.holdSync(TARGET, 'two@there', NOW);
      return 'release' in hold ? hold : undefined;
    });
    expect(await left()).toEqual([
      { scope: connectionName(TARGET), flights: [[1, NOW, NOW + 9, 'two@there']] },
      { scope: 'zzz', flights: JSON.parse(flights) },
    ]);
    const refused = { code: 'STORE_LOCKED', retryable: true };
    const late = { progress: { watermark: NOW + 9 }, run: number };
    await expect(one.commitPage(samplePage([sampleRecord('2')], late))).rejects.toMatchObject(refused);
    const absent = [{ id: '1', deleted: 'absent', data: null } as const];
    const burying = samplePage(absent, { run: number, progress: undefined });
    await expect(one.commitPage(burying)).rejects.toMatchObject(refused);
    await expect(one.forgetSeen(TARGET, 'invoices')).rejects.toMatchObject(refused);
    expect(await two.cursor(TARGET, 'invoices')).toMatchObject({ watermark: NOW });
    expect(await ids(two)).toEqual(['1']);
    // A record that an event brought is bound to nobody.
    const event = samplePage([sampleRecord('3')], { progress: undefined, run: 0 });
    expect(await one.commitPage(event)).toMatchObject({ upserted: 1 });
    await lost.release();
    expect(await one.holdSync(TARGET, 'one@here', NOW)).toEqual({ owner: 'two@there', since: NOW });
    expect(await two.commitPage(samplePage([sampleRecord('4')]))).toMatchObject({ upserted: 1 });
    await taken.release();
  });

  test('whose connections broke, and whose right nobody took, goes on and has it again', async () => {
    const { url } = await freshDatabase();
    const way = await wayTo(url);
    const [one, two] = [await opened(way.url), await opened(url)];
    await held(one);
    way.cut();
    expect(await one.commitPage(samplePage([sampleRecord('1')], { run: await run(two) }))).toMatchObject({
      upserted: 1,
    });
    expect(await two.holdSync(TARGET, 'two@there', NOW)).toEqual({ owner: 'one@here', since: NOW });
  });

  test('a page whose answer was lost counts once', async () => {
    const { url } = await freshDatabase();
    const way = await wayTo(url);
    const one = await opened(way.url);
    await held(one);
    const number = await run(one);
    const page = samplePage([sampleRecord('1'), sampleRecord('2', { deleted: true })], { run: number });
    way.cutAfter('COMMIT');
    expect(await one.commitPage(page)).toEqual({ upserted: 1, unchanged: 0, deleted: 1 });
    expect(await one.commitPage(page)).toEqual({ upserted: 0, unchanged: 2, deleted: 0 });
    way.cutAfter('INSERT INTO records');
    expect(await one.commitPage({ ...page, records: [sampleRecord('3')] })).toMatchObject({ upserted: 1 });
    expect(await runs(url)).toEqual([{ pages: 3, upserted: 2, unchanged: 2, deleted: 1, rejected: 0 }]);
  });

  test('connections that break at any moment of a page, and a database that is away for a while, keep every page once', async () => {
    const { url } = await freshDatabase();
    const way = await wayTo(url);
    const store = await opened(way.url);
    await held(store);
    const number = await run(store);
    let upserted = 0;
    for (let page = 0; page < 24; page++) {
      const records = Array.from({ length: 20 }, (_, at) => sampleRecord(String(page * 20 + at)));
      const committing = store.commitPage(samplePage(records, { run: number, seen: true }));
      for (let turn = 0; turn < page; turn++) await new Promise(setImmediate);
      const back = page === 12 ? await way.close() : way.cut;
      back();
      upserted += (await committing).upserted;
    }
    expect(upserted).toBe(480);
    expect((await store.syncSummary(TARGET)).records).toBe(480);
    expect(await runs(url)).toEqual([{ pages: 24, upserted: 480, unchanged: 0, deleted: 0, rejected: 0 }]);
  });
});

/** Asks until there is something. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const got = await ask();
    if (got !== undefined) return got;
  }
}
