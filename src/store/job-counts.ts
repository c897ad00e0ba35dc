import type { ConnectionKey } from '../connection.ts';
import type { JobKind } from '../jobs/jobs.ts';

/** How many jobs of one kind there are for one connection; those with none are left out. */
export interface JobCount extends ConnectionKey {
  readonly kind: JobKind;
  /** Nobody who lives has claimed them, and they are due, or were tried before and wait for the next try. */
  readonly waiting: number;
  /** Claimed by a process that lives. */
  readonly active: number;
  /** Failed for good, of those that are still remembered. */
  readonly failed: number;
  /** When the oldest that is waiting or worked on was made, ms since the epoch; absent: there is none. */
  readonly oldestAt?: number | undefined;
  /** Whether some process is there that works on jobs of this database, as far as can be seen. */
  readonly attended: boolean;
}
