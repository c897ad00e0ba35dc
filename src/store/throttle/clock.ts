/** What was last noted of a scope's time. */
export interface ClockRow {
  /** Which clock it goes by. */
  readonly source: string;
  /** Its time less that of the source, ms. */
  readonly ahead: number;
  /** Its time then, and what the wall clock said, ms. */
  readonly seen_at: number;
  readonly seen_wall: number;
}

/** The source that is a wall clock, which can be set back. */
export const WALL = 'wall';

/** Wall clocks read by several processes arrive slightly out of order; a step back beyond this is the clock being set. */
const OUT_OF_ORDER_MS = 1000;
/** How often the time is noted for those that come after a restart, ms. */
const NOTE_MS = 250;

/** How far the throttle's time is ahead of its source, which says `here`, so that it never goes back; `wall` bridges what the source does not know. */
export function aheadOf(row: ClockRow | undefined, source: string, here: number, wall: number): number {
  if (row === undefined) return 0;
  // Another boot, or a wall clock that was set back by an unknown amount: as much time has passed as the wall clock admits.
  const bridged = () => row.seen_at + Math.max(0, wall - row.seen_wall) - here;
  if (row.source !== source) return bridged();
  const back = source === WALL && row.seen_at - (here + row.ahead) > OUT_OF_ORDER_MS;
  return back ? bridged() : row.ahead;
}

/** The time to note instead of `row`, when it is `at`; undefined: what is noted will do. */
export function toNote(row: ClockRow | undefined, source: string, ahead: number, at: number): number | undefined {
  const told = Math.max(at, row?.seen_at ?? at);
  const stale = row === undefined || row.source !== source || row.ahead !== ahead || told - row.seen_at >= NOTE_MS;
  return stale ? told : undefined;
}
