import { type ConstructorOptions, getConstructionPlans, getMigrationPlans, PgBoss, type Queue } from 'pg-boss';
import type { PostgresDatabase } from '../../store/postgres/database.ts';
import { JOBS_SCHEMA } from '../../store/postgres/grants.ts';

/** The queues of pg-boss, as far as lwi uses them. */
export type Boss = Pick<
  PgBoss,
  'insert' | 'fetch' | 'touch' | 'complete' | 'fail' | 'update' | 'supervise' | 'createQueue' | 'getQueues' | 'stop'
>;

/** What a queue is made with. */
export type QueueSettings = Omit<Queue, 'name'>;

/**
 * The version of pg-boss' schema that this pg-boss works with (`pgboss.schema` in its package.json). It refuses to start on any other one, so when it grows, lwi's
 * own schema needs a new version too, from which on older programs are out: see MIGRATIONS.
 */
export const JOB_SCHEMA_VERSION = 46;

/**
 * lwi asks for jobs itself, in one statement for all queues, and says itself when dead claims are looked for, so pg-boss gets no timers, no listener and no
 * connections of its own. It makes and changes no tables: that is done with lwi's own.
 */
const SETTINGS = {
  schema: JOBS_SCHEMA,
  ...{ migrate: false, createSchema: false, supervise: false, schedule: false, registerInstance: false },
  ...{ reindex: false, monitorVacuum: false, openTelemetry: { enabled: false } },
  ...{ monitorIntervalSeconds: 5, maintenanceIntervalSeconds: 300 },
  // `lwi status` shows what waits; a thousand replays are no reason to warn.
  warningQueueSize: 1_000_000_000,
} as const satisfies ConstructorOptions;

/** Starts pg-boss on connections of lwi. Throws where its tables are missing or of another version. */
export async function startBoss(db: PostgresDatabase): Promise<Boss> {
  // Claims that live are said to do so, whatever else waits.
  const urgent = db.urgent();
  const boss = new PgBoss({ ...SETTINGS, db: { executeSql: (text, values) => urgent.plain(text, values) } });
  // What fails in the background is the reading of queues that others have made; whoever needs one reads it again and says what is wrong.
  boss.on('error', () => {});
  await boss.start();
  return boss;
}

/** SQL that makes pg-boss' tables, or brings them from `version` to the present one; for a transaction of the caller. */
export function jobTables(version: number | undefined): string {
  return withinTransaction(
    version === undefined
      ? getConstructionPlans(JOBS_SCHEMA, { createSchema: false })
      : getMigrationPlans(JOBS_SCHEMA, version),
  );
}

function withinTransaction(plan: string): string {
  const [, body] = /^\s*BEGIN;([\s\S]*)COMMIT;\s*$/.exec(plan) ?? [];
  if (body === undefined) throw new Error('the SQL of pg-boss no longer looks as expected');
  return body;
}
