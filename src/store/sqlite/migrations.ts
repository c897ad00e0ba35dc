import { FIRST } from './first-schema.ts';
import { FORWARDS, INBOX } from './inbox-schema.ts';
import { LEASES } from './lease-schema.ts';
import { SYNC } from './sync-schema.ts';
import { THROTTLE } from './throttle-schema.ts';

/** What a migration needs of the driver. */
interface Target {
  exec(sql: string): unknown;
  pragma(sql: string): unknown;
}

/**
 * Schema changes in order; the entry at index n brings version n to n + 1. Append only: an entry that was released is never
 * edited. Times are INTEGER ms since the epoch.
 */
const MIGRATIONS: readonly string[] = [FIRST, LEASES, THROTTLE, SYNC, INBOX, FORWARDS];

/** The schema version that this program writes. */
export const LATEST_VERSION = MIGRATIONS.length;

/** Brings a database of `version` to the latest one. The caller holds the transaction, and reads `version` inside it. */
export function migrate(target: Target, version: number, applicationId: number): void {
  for (const sql of MIGRATIONS.slice(version)) target.exec(sql);
  target.pragma(`application_id = ${applicationId}`);
  target.pragma(`user_version = ${LATEST_VERSION}`);
}
