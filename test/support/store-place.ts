import { join } from 'node:path';
import { systemClock, systemUptime } from '../../src/clock.ts';
import { openPostgresStore } from '../../src/store/postgres/open.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';
import { freshDatabase } from './postgres.ts';

/** Whether the homes of tests have their store on PostgreSQL. */
export const ON_POSTGRES = process.env['LWI_TEST_STORE'] === 'postgres';

/** Why some tests are skipped there. */
export const OF_THE_FILE = 'about the file of SQLite';

/** The databases of homes that have one. */
const urls = new Map<string, string>();

/** Makes a store for a home on PostgreSQL, where tests are to run on that; what its commands need to know. */
export async function storeFor(home: string): Promise<{ readonly LWI_DATABASE_URL?: string }> {
  if (!ON_POSTGRES) return {};
  const { url } = await freshDatabase();
  placeStore(home, url);
  return { LWI_DATABASE_URL: url };
}

/** Notes that a home has its store in this database. */
export function placeStore(home: string, url: string): void {
  urls.set(home, url);
}

/** Where the store of a home is; undefined: in its file. */
export function databaseOf(home: string): string | undefined {
  return urls.get(home);
}

/** Opens the store of a home as another process would. */
export async function openStoreOf(home: string): Promise<Store> {
  const url = databaseOf(home);
  const { now } = systemClock;
  if (url === undefined) return openSqliteStore(join(home, 'lwi.db'), { now, uptime: systemUptime });
  return openPostgresStore(url, 'test', { now });
}
