import Database from 'better-sqlite3';
import { fetch } from 'undici';

/**
 * The least that a sync can be: undici's fetch, JSON.parse, and one prepared upsert, a transaction for each page; nothing is checked, resumed, limited or
 * compared. Plain JavaScript, so that its start costs nothing that lwi's does not. Arguments: file of the database, address of the pages, `cursor` or `quickbooks`.
 */
const [path = '', address = '', form = ''] = process.argv.slice(2);

const database = new Database(path);
database.pragma('journal_mode = WAL');
database.exec('CREATE TABLE records (id TEXT PRIMARY KEY, data TEXT NOT NULL)');
const upsert = database.prepare(
  'INSERT INTO records (id, data) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data',
);
const commit = database.transaction((rows) => {
  for (const row of rows) upsert.run(row.Id, JSON.stringify(row));
});

const headers = { authorization: 'Bearer a-token' };

async function readCursor() {
  for (let after = '0'; after !== null; ) {
    const answer = await fetch(`${address}?after=${after}`, { headers });
    const page = JSON.parse(await answer.text());
    commit(page.rows);
    after = page.next;
  }
}

async function readQuickbooks() {
  for (let position = 1; ; position += 1000) {
    const query = `select * from Invoice startposition ${position} maxresults 1000`;
    const answer = await fetch(`${address}?query=${encodeURIComponent(query)}`, { headers });
    const page = JSON.parse(await answer.text());
    const rows = page.QueryResponse.Invoice ?? [];
    commit(rows);
    if (rows.length < 1000) return;
  }
}

await (form === 'quickbooks' ? readQuickbooks() : readCursor());
database.close();
