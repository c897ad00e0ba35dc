import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { COPIED_TABLES, type CopiedTable } from '../../../src/store/copy/copied-tables.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { NOW } from '../sample-rows.ts';

/** Words that differ in one odd character only: a zero byte, the sign that stands before one in PostgreSQL, a surrogate pair, the highest of the plane below. */
const ODD_IDS = [
  '',
  'a',
  'a\0',
  'a\0b',
  'a\u0001',
  'a\u0001\u0001',
  'a\u0001\u0002',
  'a\uffff',
  'a\u{1f600}',
  'ä',
  '\'"\\{}',
];

/** Two pages of the smallest rows, and a little. */
const MANY = 2100;

/** A database file with whatever a store may hold: rows with every column that may be absent absent, odd words, large bodies, gone records, gaps between numbers. */
export async function oddStore(path: string): Promise<void> {
  await openSqliteStore(path, { now: () => NOW }).close();
  const database = new Database(path);
  const insert = (table: string, row: Readonly<Record<string, unknown>>) => {
    const names = Object.keys(row);
    const sql = `INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})`;
    database.prepare(sql).run(...Object.values(row));
  };
  const account = { account_id: 'haulage-1', provider: 'quickbooks' };
  const list = { ...account, external_id: '913', entity: 'invoices' };
  const token = {
    env: 'mock',
    token_type: 'bearer',
    state: 'active',
    scopes: '[]',
    generation: 3,
    created_at: 1,
    updated_at: 2,
  };
  database.transaction(() => {
    insert('meta', { name: 'vault_key_id', value: '0011223344556677' });
    insert('meta', { name: 'vault_key:8899aabbccddeeff', value: 'replaced' });
    insert('oauth_tokens', {
      ...{ ...token, id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff', account_id: 'default', provider: 'slack' },
      ...{ access_token_encrypted: Buffer.from([0, 255, 1]), issued_at: NOW },
    });
    insert('oauth_tokens', {
      ...{
        ...token,
        ...account,
        id: '00000000-0000-4000-8000-000000000000',
        variant: 'bot',
        client_encrypted: Buffer.from([9]),
      },
      ...{
        access_token_encrypted: Buffer.alloc(0),
        refresh_token_encrypted: Buffer.from('r'),
        id_token_encrypted: Buffer.from('i'),
      },
      ...{
        issued_at: 1,
        expires_at: 1_760_000_000_123,
        refresh_expires_at: 253_402_300_799_999,
        refresh_hard_expires_at: 0,
      },
      ...{
        scopes: JSON.stringify(['a:b', 'ä "quoted"', '', 'NULL', '{x,y}']),
        external_id: '913',
        external_name: 'Ä & Söhne',
      },
      ...{
        external_user_id: 'u',
        state: 'reconnect',
        state_reason: 'said\0no',
        last_refresh_at: 5,
        last_refresh_outcome: 'failed',
      },
      ...{
        last_refresh_detail: 'line\nline',
        last_refresh_failures: 2,
        rotation_started_at: 7,
        rotation_owner: '1@host/x',
      },
    });
    insert('retired_generations', { ...account, generation: 9 });
    insert('secrets', {
      ...account,
      name: 'webhook-secret',
      value_encrypted: Buffer.from('s'),
      fingerprint: 'f',
      updated_at: 1,
    });
    for (const [at, id] of ODD_IDS.entries()) {
      insert('records', { ...list, id, data: JSON.stringify({ id, half: '\ud800' }), deleted: at % 3, stored_at: at });
      insert('records', {
        ...list,
        entity: `e${id.length}`,
        external_id: id,
        id,
        scope: id,
        data: '1',
        updated_at: -at,
        deleted: 0,
        stored_at: 0,
      });
      insert('sync_seen', { ...list, id });
    }
    insert('records', { ...list, id: 'huge', data: JSON.stringify('x'.repeat(4_500_000)), deleted: 0, stored_at: 1 });
    for (let at = 0; at < MANY; at++)
      insert('records', { ...list, entity: 'bills', id: `b${at}`, data: `{"n":${at}}`, deleted: 0, stored_at: at });
    insert('rejected_records', { ...list, digest: 'd', reason: 'no\0id', data: '"\\u0000"', run: 4, rejected_at: 1 });
    insert('sync_cursors', { ...list, updated_at: 1 });
    insert('sync_cursors', { ...list, entity: 'bills', watermark: 5, resume: '{"page":2}', updated_at: 1 });
    const target = { account_id: 'haulage-1', provider: 'quickbooks', external_id: '' };
    insert('sync_runs', { ...target, run: 4, started_at: 1 });
    insert('sync_runs', {
      ...target,
      run: 900,
      started_at: 1,
      finished_at: 2,
      outcome: 'done',
      kind: 'event',
      owner: 'o',
      pages: 3,
    });
    const event = {
      ...account,
      type: 't\0',
      method: 'POST',
      path: '/webhooks/quickbooks',
      headers: '[["a","b"]]',
      received_at: NOW,
    };
    for (let at = 1; at <= 5; at++) {
      insert('inbox', {
        ...event,
        event: at * 10,
        key: `k${at}`,
        body: Buffer.alloc(1_500_000, at),
        state: 'kept',
        due_at: 0,
      });
    }
    insert('inbox', {
      ...event,
      event: 60,
      account_id: '',
      key: 'k',
      body: Buffer.alloc(0),
      state: 'failed',
      due_at: 3,
      last_error: 'e',
      run: 900,
      finished_at: 1,
    });
    insert('forwards', { event: 10, target: 'http://127.0.0.1/a', state: 'received', due_at: 4 });
    insert('forwards', {
      event: 10,
      target: 'http://127.0.0.1/b',
      state: 'failed',
      attempts: 3,
      due_at: 4,
      started_at: 1,
      last_error: 'x',
      finished_at: 5,
    });
    insert('forward_attempts', { event: 10, number: 1, target: 'http://127.0.0.1/b', started_at: 1 });
    insert('forward_attempts', {
      event: 10,
      number: 2,
      target: 'http://127.0.0.1/b',
      attempt: 1,
      started_at: 1,
      took_ms: 2,
      status: 500,
      error: 'y',
    });
    // Numbers that were given to rows that are gone.
    database.exec("UPDATE sqlite_sequence SET seq = 77 WHERE name = 'inbox'");
  })();
  database.close();
}

/** All that a file holds of what is copied, and the numbers that it goes on behind; `said` as people see it. */
export function contentOf(path: string): Record<string, unknown> {
  const database = new Database(path, { readonly: true });
  const rows = (table: CopiedTable) => {
    const columns = Object.keys(table.columns).join(', ');
    const found = database
      .prepare(`SELECT ${columns} FROM ${table.name} ORDER BY ${table.key.join(', ')}`)
      .raw()
      .all();
    return (found as unknown[][]).map((row) => row.map((cell, at) => legible(Object.values(table.columns)[at], cell)));
  };
  try {
    return {
      ...Object.fromEntries(COPIED_TABLES.map((table) => [table.name, rows(table)])),
      numbers: database
        .prepare("SELECT * FROM sqlite_sequence WHERE name IN ('inbox', 'sync_runs') ORDER BY name")
        .all(),
    };
  } finally {
    database.close();
  }
}

function legible(kind: string | undefined, cell: unknown): unknown {
  if (cell instanceof Uint8Array) return createHash('sha256').update(cell).digest('hex');
  return kind === 'said' && typeof cell === 'string' ? cell.replaceAll('\0', '\ufffd') : cell;
}
