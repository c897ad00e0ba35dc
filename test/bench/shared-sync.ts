import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onDatabase } from '../support/postgres.ts';
import { postgresServer } from '../support/postgres-server.ts';

/**
 * How fast processes sync side by side into one database: each one pulls 100,000 records of 1 KB of an account of its own, from a local server, 1, 2 and 4 of
 * them at once; on a PostgreSQL of this machine that writes through to the disk, and on SQLite. Records a second over all of them, starts included, and
 * how many times one process on the same database that is. The server of the records and PostgreSQL take their share of the same processors. Run
 * after `npm run build`, where PostgreSQL is installed:
 *
 *     node test/bench/shared-sync.ts [rounds] [records]
 */
const ROUNDS = Number(process.argv[2] ?? 3);
const COUNT = Number(process.argv[3] ?? 100_000);
const BYTES = 1000;
const AT_ONCE = [1, 2, 4];

const fileAt = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const BIN = fileAt('../../bin/lwi.js');
const folder = mkdtempSync(join(tmpdir(), 'lwi-bench-'));
const postgres = await postgresServer({ settings: { fsync: 'on', full_page_writes: 'on', max_wal_size: '1GB' } });
const servers: ChildProcess[] = [];
let places = 0;

/** Starts a provider; gives its address. */
async function provider(): Promise<string> {
  const server = spawn(process.execPath, [fileAt('record-server.ts'), String(COUNT), String(BYTES)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  servers.push(server);
  const [port] = await once(server.stdout, 'data');
  return `http://127.0.0.1:${String(port).trim()}`;
}

async function run(words: readonly string[], env: Record<string, string>, stdin = ''): Promise<void> {
  const child = spawn(process.execPath, [BIN, ...words], { env, stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  child.stdin.end(stdin);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${said}`);
}

/** An empty database, and a home in which so many accounts are connected to the provider at `url`. */
async function placeFor(url: string, accounts: readonly string[], shared: boolean): Promise<Record<string, string>> {
  places += 1;
  const home = join(folder, `home-${places}`);
  mkdirSync(home, { mode: 0o700 });
  const rows = {
    ...{ name: 'rows', path: '/rows', items: 'rows', id: 'Id', updatedAt: 'MetaData.LastUpdatedTime' },
    page: { type: 'cursor', parameter: 'after', next: 'next' },
  };
  const acme = {
    ...{ id: 'acme', title: 'Acme', api: { baseUrl: `${url}/v1`, probe: '/me' }, streams: [rows] },
    limits: [{ permits: 10_000, perMs: 1000, burst: 10_000, concurrency: 8 }],
  };
  writeFileSync(join(home, 'config.json'), JSON.stringify({ providers: { acme } }), { mode: 0o600 });
  const env: Record<string, string> = {
    ...{ PATH: process.env['PATH'] ?? '', HOME: home, LWI_HOME: home },
    LWI_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  if (shared) {
    const name = `bench_${places}`;
    await onDatabase(postgres.url('postgres'), (db) => db.script(`CREATE DATABASE ${name}`));
    env['LWI_DATABASE_URL'] = postgres.url(name);
  }
  for (const account of accounts) {
    await run(['connect', 'acme', '--with-token', '--account', account], env, 'a-token-that-was-brought');
  }
  return env;
}

/** Records a second of so many processes together. */
async function rateOf(url: string, processes: number, shared: boolean): Promise<number> {
  const accounts = Array.from({ length: processes }, (_, at) => `account-${at + 1}`);
  const env = await placeFor(url, accounts, shared);
  const began = performance.now();
  await Promise.all(accounts.map((account) => run(['sync', 'acme', '--account', account, '--json'], env)));
  return (processes * COUNT) / ((performance.now() - began) / 1000);
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

try {
  const url = await provider();
  const rates = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const processes of AT_ONCE) {
      for (const shared of [false, true]) {
        const name = `${shared ? 'PostgreSQL' : 'SQLite'} ${processes}`;
        rates.set(name, [...(rates.get(name) ?? []), await rateOf(url, processes, shared)]);
      }
    }
  }
  const rateOn = (database: string, processes: number) => median(rates.get(`${database} ${processes}`) ?? []);
  process.stdout.write(
    `Syncs of ${COUNT.toLocaleString('en-US')} records of 1 KB side by side, records/s over all, median of ${ROUNDS} rounds\n`,
  );
  for (const database of ['SQLite', 'PostgreSQL']) {
    for (const processes of AT_ONCE) {
      const rate = rateOn(database, processes);
      const [toOne, toSqlite] = [rate / rateOn(database, 1), rate / rateOn('SQLite', processes)];
      const beside = database === 'SQLite' ? '' : `, ${toSqlite.toFixed(2)} x SQLite`;
      process.stdout.write(
        `${database.padEnd(12)} ${processes} at once  ${Math.round(rate).toLocaleString('en-US').padStart(7)}/s  ${toOne.toFixed(2)} x one${beside}\n`,
      );
    }
  }
} finally {
  for (const server of servers) server.kill();
  await postgres.remove();
  rmSync(folder, { recursive: true, force: true });
}
