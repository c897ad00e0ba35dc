import { parentPort, workerData } from 'node:worker_threads';
import { connectionSettings } from '../../src/store/postgres/connection-url.ts';
import { PostgresDatabase } from '../../src/store/postgres/database.ts';
import type { Answer, Question } from './postgres-query.ts';

const { port, signal } = workerData;

let last: { readonly url: string; readonly db: PostgresDatabase } | undefined;

async function answer({ url, sql, values }: Question): Promise<Answer> {
  try {
    if (last?.url !== url) {
      await last?.db.close();
      last = { url, db: new PostgresDatabase(connectionSettings(url, 'test')) };
    }
    if (values) return { rows: await last.db.rows(sql, values) };
    await last.db.script(sql);
    return { rows: [] };
  } catch (error) {
    return { rows: [], error: String(error) };
  }
}

parentPort?.on('message', async (question: Question) => {
  port.postMessage(await answer(question));
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
});
