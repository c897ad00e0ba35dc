import { parentPort, workerData } from 'node:worker_threads';
import { LwiError } from '../../errors.ts';
import type { SqliteDatabase } from './database.ts';
import type { BatchReply, EventBatch } from './event-batch.ts';
import { insertEvent } from './insert-event.ts';
import { openDatabase } from './open-database.ts';

/**
 * The thread of an event writer: stores one batch after the other in the database of its `workerData`, each in one transaction, until it is told to close. The
 * database is opened for the first one, so that what goes wrong there is an answer too.
 */
const { path, patienceMs } = workerData as { path: string; patienceMs: number };
let db: SqliteDatabase | undefined;

parentPort?.on('message', async (batch: EventBatch | 'close') => {
  if (batch === 'close') {
    await close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(await reply(batch));
});

async function reply(batch: EventBatch): Promise<BatchReply> {
  try {
    db ??= openDatabase(path, patienceMs);
    return { isNew: await store(db, batch) };
  } catch (error) {
    const code = error instanceof LwiError ? error.code : undefined;
    // SQLite opens for reading what it may not write, and keeps it like that: what ails the file may be over at the next batch.
    if (code !== 'STORE_LOCKED') await close();
    return { code, message: String((error as Error).message) };
  }
}

async function close(): Promise<void> {
  const closing = db;
  db = undefined;
  await closing?.close().catch(() => {});
}

function store(to: SqliteDatabase, { rows, bodies, lengths, forwardTo }: EventBatch): Promise<boolean[]> {
  return to.write(() => {
    let at = 0;
    return rows.map((row, index) => {
      const body = bodies.subarray(at, at + (lengths[index] ?? 0));
      at += body.length;
      return insertEvent(to, row, body, forwardTo[index]) === 'new';
    });
  });
}
