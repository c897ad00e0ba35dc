import type { DatabaseClock } from './clock.ts';

/**
 * Takes times of this machine's clock for those of the database's, which all machines share: what is due in ten seconds here is so everywhere, although their
 * clocks differ. Only how far a time lies from now counts.
 */
export interface MachineTime {
  /** SQL (bigint) for what is to be added to a time of the machine; it takes the parameters `$first` and the next one. */
  shift(first: number): string;
  /** Values of these two. */
  values(): [sample: number | null, now: number];
}

/** `now`: the machine's clock, ms since the epoch. */
export function machineTime(clock: DatabaseClock, now: () => number): MachineTime {
  return {
    // As a query of its own it is asked once for a statement, so that an index can be searched for it.
    shift: (first) => `(SELECT round(${clock.sql(first)} - $${first + 1}::float8)::bigint)`,
    values: () => [clock.sample(), now()],
  };
}
