/** A row of a timeline: what it is follows from its index, when and how often it changed is kept here. */
export interface TimelineRow {
  readonly index: number;
  /** Its place in the order, ms since the epoch. */
  readonly at: number;
  /** When it was made, ms. */
  readonly createdAt: number;
  /** When it last changed, ms; differs from `at` only in a timeline whose rows stay in place. */
  readonly changedAt: number;
  /** Number of changes since it was made. */
  readonly version: number;
  /** Inactive: left out of lists unless asked for. */
  readonly hidden: boolean;
  readonly deleted: boolean;
}

/** Which rows are meant; the bounds are inclusive, ms. Deleted rows are left out unless asked for. */
export interface TimelineFilter {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly hidden?: 'exclude' | 'include' | 'only' | undefined;
  readonly deleted?: boolean | undefined;
}

/** Rows in order of time that are computed from their index; only rows that were changed since the start are held. */
export interface Timeline {
  count(filter: TimelineFilter): number;
  /** At most `limit` rows from the `offset`-th (0-based) on, oldest first. */
  select(filter: TimelineFilter, offset: number, limit: number): TimelineRow[];
  /** All of them, oldest first, read while they are taken; a row that moves meanwhile makes no other one be passed over. */
  walk(filter: TimelineFilter): IteratorObject<TimelineRow>;
  find(index: number): TimelineRow | undefined;
  /** How many rows there have been, deleted ones included: the index of the next one. */
  size(): number;
  /** The next `count` rows that are not deleted, in a round over all rows. */
  nextLive(count: number): number[];
  /** Changes rows now. `hide` makes them inactive, `show` active, `remove` deletes them. */
  change(indices: readonly number[], at: number, how: 'touch' | 'hide' | 'show' | 'remove'): void;
  /** Adds rows, `stepMs` apart (also from rows added before), and returns their indices. */
  add(count: number, at: number, stepMs?: number): number[];
}

export interface TimelineOptions {
  readonly count: number;
  /** Time of the rows at the start: spread evenly over (start, end], ms. */
  readonly start: number;
  readonly end: number;
  /** Times are cut to multiples of this, ms; default 1. */
  readonly granularityMs?: number;
  /** Every n-th row is inactive; 0 (default): none. */
  readonly hiddenEvery?: number;
  /** A changed row keeps its place (an edited message) instead of moving to the end (an updated invoice). */
  readonly fixed?: boolean;
}
