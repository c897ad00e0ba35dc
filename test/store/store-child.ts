/**
 * A process of its own for tests of several processes: `node store-child.ts <verb> <database> [argument]`. It says `ready`,
 * waits for a line on stdin, does its work and prints the result as JSON.
 */
import { readSync, writeSync } from 'node:fs';
import { argv } from 'node:process';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { openDatabase } from '../../src/store/sqlite/open-database.ts';
import type { Store } from '../../src/store/store.ts';
import { KEY, NOW, sampleConnection, samplePage, sampleRecord, sampleToken } from './sample-rows.ts';

const [verb = '', path = '', argument = ''] = argv.slice(2);
const open = () => openSqliteStore(path, { now: () => NOW });

/** Undefined is an empty line. */
const say = (value: unknown) => writeSync(1, `${JSON.stringify(value) ?? ''}\n`);
/** Blocks, also inside a transaction; the pipe of a child does not block by itself. */
function waitForLine(): void {
  const turn = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      readSync(0, new Uint8Array(1));
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      Atomics.wait(turn, 0, 0, 1);
    }
  }
}

/** Opens, announces itself, and works after the starting shot. */
async function race(work: (store: Store) => Promise<unknown>): Promise<void> {
  const store = open();
  say('ready');
  waitForLine();
  say(await work(store));
  await store.close();
}

const VERBS: Readonly<Record<string, () => Promise<void>>> = {
  /** Opens a database that may not be there yet, together with others. */
  open: async () => {
    say('ready');
    waitForLine();
    const store = open();
    say(await store.vaultId());
    await store.close();
  },
  lease: () => race((store) => store.acquireLease('refresh', argument, 60_000)),
  put: () => race((store) => store.putConnection(sampleConnection({ id: argument }), undefined)),
  /** Replaces the token 25 times, reading the generation anew after every refusal. */
  replace: () =>
    race(async (store) => {
      for (let done = 0; done < 25; ) {
        const row = await store.connection(KEY);
        const change = { token: sampleToken(argument), at: NOW };
        if (await store.replaceToken(KEY, change, row?.generation ?? 0)) done++;
      }
      return 'done';
    }),
  /** Takes permits one after the other, and keeps them all in flight. */
  permits: () =>
    race(async (store) => {
      const rule = { name: 'default', permits: 10, perMs: 1000, burst: 10, concurrency: 6 };
      let taken = 0;
      for (let count = 0; count < 15; count++) {
        if ('permit' in (await store.takePermit({ scope: 's', rules: [rule], rank: 0, ttlMs: 1000 }))) taken++;
      }
      return taken;
    }),
  /** One page far larger than SQLite's cache, so that it is in the log long before it is committed. */
  commit: () =>
    race(async (store) => {
      const filler = 'x'.repeat(1000);
      const records = Array.from({ length: 80_000 }, (_, index) =>
        sampleRecord(`big ${index}`, { data: filler + index }),
      );
      return store.commitPage(samplePage(records, { progress: { watermark: NOW + 1 } }));
    }),
  /** Holds the write lock until a line comes. */
  lock: async () => {
    const db = openDatabase(path);
    await db.write(() => {
      say('ready');
      waitForLine();
    });
    await db.close();
    say('done');
  },
};

await VERBS[verb]?.();
