import type { JobCount } from '../job-counts.ts';
import type { Store } from '../store.ts';
import type { PostgresDatabase } from './database.ts';
import { JOBS_SCHEMA } from './grants.ts';

/** What the sessions of those that make jobs and work on them are called. */
export const JOBS_SESSION = 'lwi jobs';

/** A claim whose process has said for so long that it lives. */
const LIVES = `state = 'active' AND coalesce(heartbeat_on, started_on) + heartbeat_seconds * interval '1 s' > now()`;

/**
 * What is done is not counted, nor a poll that is not due yet; what was claimed by a process that is dead waits for another one. Sessions of other roles cannot always
 * be told apart: one that might be of a machine at work counts as such. A kind of a newer lwi is left out.
 */
const COUNTS = `
SELECT split_part(name, '.', 1) AS kind, data->>'account' AS account, substr(name, strpos(name, '.') + 1) AS provider,
  count(*) FILTER (WHERE state < 'active' OR (state = 'active' AND (${LIVES}) IS NOT TRUE)) AS waiting,
  count(*) FILTER (WHERE ${LIVES}) AS active,
  count(*) FILTER (WHERE state = 'failed') AS failed,
  (extract(epoch FROM min(greatest(created_on, CASE WHEN state = 'created' THEN start_after END))
    FILTER (WHERE state <= 'active')) * 1000)::bigint AS "oldestAt",
  EXISTS (
    SELECT FROM pg_stat_activity AS s
    WHERE s.datname = current_database() AND (s.application_name = '${JOBS_SESSION}' OR s.query = '<insufficient privilege>')
  ) AS attended
FROM ${JOBS_SCHEMA}.job
WHERE (state IN ('retry', 'active', 'failed') OR (state = 'created' AND start_after <= now()))
  AND split_part(name, '.', 1) = ANY('{apply,poll,sync,replay}')
GROUP BY 1, 2, 3
ORDER BY 2, 3, 1`;

/** Reads pg-boss' table itself, so that whoever only looks need not load pg-boss. */
export function jobCountTable(db: PostgresDatabase): Pick<Store, 'jobCounts'> {
  return {
    async jobCounts() {
      const rows = await db.rows<JobCount & { oldestAt: number | null }>(COUNTS);
      return rows.map(({ oldestAt, ...count }) => ({ ...count, oldestAt: oldestAt ?? undefined }));
    },
  };
}
