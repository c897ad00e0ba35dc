import { formatSpan } from '../../src/span.ts';
import type { JobCount } from '../../src/store/job-counts.ts';

type Counted = Pick<JobCount, 'kind' | 'waiting' | 'active' | 'failed'> & {
  readonly oldestAt?: number | string | undefined;
};

/** Work that is younger is simply under way, ms. */
const NOTICED_MS = 10_000;

/** Jobs in a few words: `sync: 1 active; replay: 2 waiting, 1 failed (oldest 3m)`. */
export function jobWords(counts: readonly Counted[], now: number): string {
  return counts
    .map(({ kind, waiting, active, failed, oldestAt }) => {
      const parts = Object.entries({ waiting, active, failed }).filter(([, count]) => count > 0);
      const age = oldestAt === undefined ? 0 : now - new Date(oldestAt).getTime();
      const oldest = age >= NOTICED_MS ? ` (oldest ${formatSpan(age)})` : '';
      return `${kind}: ${parts.map(([name, count]) => `${count} ${name}`).join(', ')}${oldest}`;
    })
    .join('; ');
}
