import type { JobCount } from '../job-counts.ts';
import type { Store } from '../store.ts';
import type { PostgresDatabase } from './database.ts';

/** What is done is not counted, nor a poll that is not due yet. A kind of a newer lwi is left out. */
const COUNTS = `
SELECT split_part(name, '.', 1) AS kind, data->>'account' AS account, substr(name, strpos(name, '.') + 1) AS provider,
  count(*) FILTER (WHERE state < 'active') AS waiting,
  count(*) FILTER (WHERE state = 'active') AS active,
  count(*) FILTER (WHERE state = 'failed') AS failed,
  (extract(epoch FROM min(greatest(created_on, CASE WHEN state = 'created' THEN start_after END))
    FILTER (WHERE state <= 'active')) * 1000)::bigint AS "oldestAt"
FROM lwi_jobs.job
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
