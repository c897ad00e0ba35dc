import { expect } from 'vitest';
import { queryPostgres } from './postgres-query.ts';

/** Lets so much time pass for whoever has claimed something in this database that it counts as dead, if it no longer says that it lives. */
export function lapseClaims(url: string): void {
  queryPostgres({
    url,
    sql: "UPDATE lwi_jobs.job SET heartbeat_on = heartbeat_on - interval '15 s' WHERE state = 'active'",
  });
}

/** Lets the next polls be due now, once there are so many: a `serve` that shares them with others waits for them, also when it has just been started. */
export async function dueNow(url: string, polls = 1): Promise<void> {
  const due = `UPDATE lwi_jobs.job SET start_after = now() WHERE name LIKE 'poll.%' AND state < 'active' RETURNING id`;
  await expect.poll(() => queryPostgres({ url, sql: due, values: [] }).length, { timeout: 10_000 }).toBe(polls);
}
